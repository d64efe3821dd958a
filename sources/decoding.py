"""Bytes to characters, in the encodings Chinese documents come in."""

from __future__ import annotations

import codecs

from .errors import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
_TEXT_CONTROLS = frozenset("\t\n\r\f\v\x1a\x1c\x1d\x1e\x85")
_MAX_CONTROLS = 0.01


def decode(data: bytes, name: str) -> str:
    """Return the characters of a text file; a byte order mark is not one of them.

    UTF-8 is tried first, since hardly anything else passes for it; without it or a byte order
    mark, GB18030, Big5 and UTF-16 are told apart by how Chinese the result reads
    (charset-normalizer). Raises SourceError for an empty or binary file, or another encoding.
    """
    if not data:
        raise SourceError(
            f"{name}: 文件是空的，请换一个有正文的文件 / the file is empty; add one that holds text"
        )
    text = _decoded(data)
    if text is None:
        raise SourceError(
            f"{name}: 认不出文字编码，请另存为 UTF-8 / cannot tell the encoding; save the file as UTF-8"
        )
    controls = sum(char < " " and char not in _TEXT_CONTROLS for char in text)
    if "\0" in text or controls > _MAX_CONTROLS * len(text):
        raise SourceError(f"{name}: 这不是文本文件 / this is not a text file")
    return text


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _try(data, encoding)
    return _try(data, "utf-8") or _guess(data)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_GUESSED).best()
    return _try(data, best.encoding if best else "gb18030")
