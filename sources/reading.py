"""Files in, reviews out: one reader for each kind of file, found by its suffix."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .decoding import decode
from .errors import SourceError
from .layout import repair
from .review import Record, Review

_WORD = re.compile(r"[^\w\-]+")


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader finds in a file: its characters, and where its pages begin among them."""

    raw: str
    pages: tuple[int, ...] = ()


def _read_text(data: bytes, name: str) -> Extract:
    raw = decode(data, name)
    breaks = [at + 1 for at, char in enumerate(raw) if char == "\f"]
    return Extract(raw, (0, *breaks) if breaks else ())


Reader = Callable[[bytes, str], Extract]
READERS: Mapping[str, Reader] = {".txt": _read_text, ".md": _read_text, ".markdown": _read_text}
"""A reader takes a file's bytes and its name (for messages), or raises SourceError."""


def read_file(path: Path, record: Record | None = None, id: str | None = None) -> Review:
    """Read one file into a review.

    Without a record, the file's name serves as title and is marked as assigned. Raises
    SourceError, naming the file and the cure, if the file is missing, unreadable, of an unknown
    kind, empty, binary, or holds no sentence.
    """
    return read_bytes(load(path), path, record, id)


def load(path: Path) -> bytes:
    """Return a file's bytes; raise SourceError if they cannot be had."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            f"{path}: 没有这个文件，请检查路径 / no such file; check the path"
        ) from None
    except IsADirectoryError:
        raise SourceError(f"{path}: 这是文件夹，不是文件 / this is a folder, not a file") from None
    except OSError as error:
        raise SourceError(
            f"{path}: 读不了（{error.strerror}），请检查权限 / cannot be read; check its permissions"
        ) from None


def read_bytes(
    data: bytes, path: Path, record: Record | None = None, id: str | None = None
) -> Review:
    """Read the bytes of a file that stands, or stood, at `path`; see `read_file`."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = " ".join(READERS)
        raise SourceError(
            f"{path}: 不支持这种文件，可用：{kinds} / this kind of file cannot be read; use one of: {kinds}"
        )
    extract = reader(data, str(path))
    review = Review(
        id=id or identifier(path.stem),
        sha256=hashlib.sha256(data).hexdigest(),
        file=path.name,
        place=str(path.absolute()),
        record=record or Record(title=path.stem),
        raw=extract.raw,
        layout=repair(extract.raw),
        pages=extract.pages,
    )
    if not review.passages:
        raise SourceError(
            f"{path}: 里面没有可引用的句子 / holds no sentence that could be quoted; add a file with prose"
        )
    return review


def identifier(stem: str) -> str:
    """Make an id of a file's name: letters, digits and hyphens, lower case."""
    return _WORD.sub("-", stem).strip("-_").lower() or "review"
