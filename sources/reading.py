"""Files in, reviews out: one reader for each kind of file, found by its suffix."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from .errors import SourceError
from .extract import Extract
from .kinds import kind
from .layout import repair
from .record import Record, merged
from .review import Review

_WORD = re.compile(r"[^\w\-]+")


MAX_FILE_BYTES = 512 * 2**20

Reader = Callable[[bytes, str], Extract]
"""Takes a file's bytes and its name (for messages), or raises SourceError."""
READERS: Mapping[str, str] = {
    ".txt": "text",
    ".md": "text",
    ".markdown": "text",
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".epub": "epub",
    ".xml": "jats",
    ".nxml": "jats",
}
"""The format of each suffix: the module in `formats` that reads it."""


def load(path: Path) -> bytes:
    """Return a file's bytes; raise SourceError if they cannot be had."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise SourceError(
                f"{path}: 文件有 {size >> 20} MB，最多读 {MAX_FILE_BYTES >> 20} MB，请分开 / {size >> 20} MB, "
                f"at most {MAX_FILE_BYTES >> 20} MB are read; split it"
            )
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
    """Read the bytes of a file that stands, or stood, at `path`, in this very process.

    For what came with the program; a stranger's file is read by `sources.isolated`.
    """
    found = kind(data, path.suffix.lower(), str(path))
    if found == ".zip":
        raise SourceError(
            f"{path}: 这是压缩包，请用 yuanwen add 添加 / this is an archive; add it with yuanwen add"
        )
    if found not in READERS:
        kinds = " ".join(READERS)
        raise SourceError(
            f"{path}: 不支持这种文件，可用：{kinds} / this kind of file cannot be read; use one of: {kinds}"
        )
    extract = reader_of(READERS[found])(data, str(path))
    review = Review(
        id=id or identifier(path.stem),
        sha256=hashlib.sha256(data).hexdigest(),
        file=path.name,
        place=str(path.absolute()),
        record=merged(record, extract.record, path.stem),
        raw=extract.raw,
        layout=repair(extract.raw, extract.blocks),
        pages=extract.pages,
        labels=extract.labels,
        superscripts=extract.superscripts,
    )
    if not review.passages:
        raise SourceError(
            f"{path}: 里面没有可引用的句子 / holds no sentence that could be quoted; add a file with prose"
        )
    return review


def reader_of(format: str) -> Reader:
    """Return the reader of a format; what it needs is loaded now, so that others do not wait."""
    module = import_module(f".formats.{format}", __package__)
    return cast(Reader, getattr(module, f"read_{format}"))


def identifier(stem: str) -> str:
    """Make an id of a file's name: letters, digits and hyphens, lower case."""
    return _WORD.sub("-", stem).strip("-_").lower() or "review"
