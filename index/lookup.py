"""Which review has an id, a hash, a place: asked of the database, within a change or without."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import RLock
from typing import Any

from .errors import LibraryError
from .rows import Place

_PASSING = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY),
}
"""What SQLite reports that says nothing of the database itself."""


def unusable(file: Path, error: sqlite3.DatabaseError | OSError) -> LibraryError:
    """Return why a database cannot be used as it is, with the cure."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, OSError) or (code is not None and code & 0xFF in _PASSING):
        return LibraryError(
            f"{file}: 读写失败（{error}），库未改动，请检查磁盘和权限后再试 / cannot be read or written; "
            "check the disk and its permissions and try again"
        )
    return LibraryError(
        f"{file}: 不是完整的文献库（{error}），请移走该文件夹后重新添加文献 / not a whole library; "
        "move its folder away and add the reviews again"
    )


class Lookup:
    """What readers and writers of a library both ask; safe to share between threads."""

    def __init__(self, database: sqlite3.Connection, file: Path) -> None:
        self._database = database
        self._file = file
        self._lock = RLock()

    def _all(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._database.execute(question, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise unusable(self._file, error) from None

    def _one(self, question: str, *values: Any) -> tuple[Any, ...] | None:
        rows = self._all(question, *values)
        return rows[0] if rows else None

    def holds(self, review: str) -> bool:
        return self._one("SELECT 1 FROM review WHERE id = ?", review) is not None

    def holding(self, sha256: str) -> str | None:
        """Return the id of the review whose file has this hash."""
        row = self._one("SELECT id FROM review WHERE sha256 = ?", sha256)
        return str(row[0]) if row else None

    def standing_at(self, path: str) -> str | None:
        """Return the id of the review whose file stands, or stood, at a path."""
        row = self._one("SELECT id FROM review JOIN place ON review = number WHERE path = ?", path)
        return str(row[0]) if row else None

    def places(self, review: str) -> list[Place]:
        """Return the places of a review's file, in the order they were named."""
        rows = self._all(
            "SELECT path, size, modified FROM place JOIN review ON review = number"
            " WHERE id = ? ORDER BY place.rowid",
            review,
        )
        return [Place(*row) for row in rows]

    def places_within(self, folder: str) -> list[str]:
        """Return every path that begins with a folder's."""
        after = folder[:-1] + chr(ord(folder[-1]) + 1)  # than every path that begins so
        rows = self._all(
            "SELECT path FROM place WHERE path >= ? AND path < ? ORDER BY rowid", folder, after
        )
        return [str(path) for (path,) in rows]
