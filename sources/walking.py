"""Every file that a user names: alone, in a folder, in a zip archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .archives import MAX_UNPACKED_BYTES, Archive
from .errors import SourceError
from .isolated import read_bytes
from .kinds import kind
from .reading import READERS, load
from .record import Record
from .review import Review

MAX_NESTING = 2
"""An archive in an archive is opened; one deeper down is not."""

_SNIFFED = 2**16


@dataclass(frozen=True, slots=True)
class Item:
    """One file with its bytes; `path` is where it stands, within the archive where it is in one."""

    path: Path
    data: bytes

    def read(self, record: Record | None = None, id: str | None = None) -> Review:
        """Read it into a review; raises SourceError if it cannot be used."""
        return read_bytes(self.data, self.path, record, id)


def walk(paths: Iterable[Path]) -> Iterator[Item | SourceError]:
    """Yield the files at `paths` one at a time, in order of their names, or why one cannot be had.

    A folder or archive yields what it holds, however deep, of the kinds that `READERS` names, and
    an error where it holds none; a file named by the user is yielded whatever it is.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield from _file(path)


def _folder(folder: Path) -> Iterator[Item | SourceError]:
    found = False
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _is_wanted(path.relative_to(folder).parts, _head(path)):
            found = True
            yield from _file(path)
    if not found:
        yield _nothing(folder)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SNIFFED)
    except OSError:
        return b""


def _file(path: Path) -> Iterator[Item | SourceError]:
    try:
        data = load(path)
    except SourceError as error:
        yield error
        return
    yield from _opened(path, data, 1)


def _opened(path: Path, data: bytes, depth: int) -> Iterator[Item | SourceError]:
    try:
        archive = Archive(data, str(path)) if _is_archive(path, data) else None
    except SourceError as error:
        yield error
        return
    if archive is None:
        yield Item(path, data)
    elif depth > MAX_NESTING:
        yield SourceError(
            f"{path}: 压缩包层层相套，请解压后添加 / archives within archives; unpack it and add the files"
        )
    else:
        yield from _members(path, archive, depth)


def _is_archive(path: Path, data: bytes) -> bool:
    if not data.startswith(b"PK") and path.suffix.lower() != ".zip":
        return False
    return kind(data, path.suffix.lower(), str(path)) == ".zip"


def _members(path: Path, archive: Archive, depth: int) -> Iterator[Item | SourceError]:
    left = MAX_UNPACKED_BYTES
    found = False
    for member in sorted(archive.names):
        parts = PurePosixPath(member.replace("\\", "/")).parts
        if not _is_wanted(parts, b""):
            continue
        found = True
        left -= archive.size(member)
        if left < 0:
            yield SourceError(
                f"{path}: 解压后超过 {MAX_UNPACKED_BYTES >> 30} GB，其余未读，请分开 / unpacks to more than "
                f"{MAX_UNPACKED_BYTES >> 30} GB; the rest was not read; split it"
            )
            return
        try:
            data = archive.read(member)
        except SourceError as error:
            yield error
            continue
        inner = Path(path, *(part for part in parts if part not in ("/", "..")))
        yield from _opened(inner, data, depth + 1)
    if not found:
        yield _nothing(path)


def _is_wanted(parts: tuple[str, ...], head: bytes) -> bool:
    """Tell whether a file in a folder is one to be read: by its suffix, or as a PDF without one."""
    if any(part.startswith((".", "__MACOSX", "~$")) and part != ".." for part in parts):
        return False
    suffix = Path(parts[-1]).suffix.lower()
    return suffix in READERS or suffix == ".zip" or head.startswith(b"%PDF-")


def _nothing(path: Path) -> SourceError:
    kinds = " ".join(READERS)
    return SourceError(
        f"{path}: 里面没有可读的文件（{kinds}）/ holds no file that can be read ({kinds})"
    )
