"""Every file that a user names: alone, or in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import SourceError
from .reading import READERS, load, read_bytes
from .review import Record, Review


@dataclass(frozen=True, slots=True)
class Item:
    """One file with its bytes, and where it stands."""

    path: Path
    data: bytes

    def read(self, record: Record | None = None, id: str | None = None) -> Review:
        """Read it into a review; raises SourceError if it cannot be used."""
        return read_bytes(self.data, self.path, record, id)


def walk(paths: Iterable[Path]) -> Iterator[Item | SourceError]:
    """Yield the files at `paths` one at a time, in order of their names, or why one cannot be had.

    A folder yields what it holds, however deep, of the kinds that `READERS` names, and an error
    where it holds none; a file named by the user is yielded whatever it is.
    """
    for path in paths:
        if not path.is_dir():
            yield _load(path)
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in READERS)
        yield from map(_load, found)
        if not found:
            yield SourceError(
                f"{path}: 文件夹里没有可读的文件（{' '.join(READERS)}）/ the folder holds no file that can be read"
            )


def _load(path: Path) -> Item | SourceError:
    try:
        return Item(path, load(path))
    except SourceError as error:
        return error
