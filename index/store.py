"""The library's single truth: a SQLite database of files, texts, spans and vectors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from sources import REPAIR_VERSION

from .change import Change
from .contents import Contents
from .errors import LibraryError
from .lookup import unusable
from .migrate import migrate
from .notes import keep_names
from .plain import demand_plain
from .schema import FORMAT, OLDER, create, others
from .waiting import waiting_for

WAIT = 60
"""Seconds to wait for another process that writes; each file is written in a fraction of one."""

_AGAIN = 0.005
"""Seconds between two tries at what SQLite does not wait for."""

_ENDS = ("", "-wal", "-shm", "-journal")
"""Of the names of the files that SQLite writes."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The format of a library, and which change it stands at: `generation` names that one."""

    format: int
    change: int
    generation: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a review was made with."""

    id: str
    model: str
    repair: int


class Store(Contents):
    """The database of one library folder: many readers, one writer at a time."""

    def __init__(self, file: Path) -> None:
        """Open the database, make it where there is none, or bring an older format to this one."""
        self._file = file
        try:
            if "\0" in str(file):
                raise OSError("NUL")
            _make_folder(file.parent)
            demand_plain(*(file.with_name(file.name + end) for end in _ENDS))
            super().__init__(self._connect(), file)
            self._demand_own_tables()
            if self._needs_tables():
                self._make_tables()
        except (sqlite3.DatabaseError, OSError) as error:
            raise unusable(file, error) from None

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            self._file, isolation_level=None, check_same_thread=False, timeout=WAIT
        )
        database.execute("PRAGMA trusted_schema = OFF")  # the file may be a stranger's
        database.execute("PRAGMA cell_size_check = ON")
        database.execute("PRAGMA foreign_keys = ON")
        _log_ahead(database)
        database.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlives a power cut
        database.execute("PRAGMA secure_delete = ON")
        return database

    def _demand_own_tables(self) -> None:
        """Raise LibraryError if a format that is known has other tables than that format's."""
        names = others(self._database)
        if names:
            shown = ", ".join(map(repr, names[:3]))
            raise LibraryError(
                f"{self._file}: 有本程序没有建的东西（{shown}），不打开；请用自己的库重新添加文献 / holds what this "
                f"program did not make ({shown}) and is not opened; add the files to a library of your own"
            )

    def _needs_tables(self) -> bool:
        return not self._all("SELECT name FROM sqlite_master") or self._format() in OLDER

    def _format(self) -> int:
        row = self._one("SELECT value FROM meta WHERE key = 'format'")
        return int(row[0]) if row and str(row[0]).isdecimal() else 0

    def _make_tables(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        with self._database:
            if not self._all("SELECT name FROM sqlite_master"):
                create(self._database)
            elif self._format() in OLDER:  # and no other process was faster
                self._migrate()
                self._demand_own_tables()

    def _migrate(self) -> None:
        try:
            migrate(self._database, self._format())
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise unusable(self._file, sqlite3.DatabaseError(repr(error))) from None

    @property
    def folder(self) -> Path:
        return self._file.parent

    def broken_pages(self) -> list[str]:
        """Return what SQLite itself finds wrong with the database."""
        told = [" ".join(row[0].split()) for row in self._all("PRAGMA integrity_check(1)")]
        lost = [f"{row[0]} {row[1]}" for row in self._all("PRAGMA foreign_key_check")]
        return [each for each in (*told, *lost) if each != "ok"]

    def demand_whole_pages(self) -> None:
        """Raise LibraryError if pages of the database are damaged: reads all of it."""
        for (told,) in self._all("PRAGMA quick_check(1)"):
            if told != "ok":
                raise unusable(self._file, sqlite3.DatabaseError(" ".join(told.split())))

    def close(self) -> None:
        self._database.close()

    def held(self) -> AbstractContextManager[object]:
        """Keep the other threads of this process out until the end."""
        return self._lock

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the library throughout, whatever is written meanwhile."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN")
            try:
                yield
            finally:
                self._database.execute("ROLLBACK")

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Change the library in one transaction: all of it happens, or nothing.

        Waits for another process that writes. Raises LibraryError if that takes too long or the
        disk does not take it.
        """
        try:
            database = self._connect()
            try:
                with waiting_for(self._file):
                    database.execute("BEGIN IMMEDIATE")
                with database:
                    yield Change(database, self._file)
            finally:
                database.close()
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"{self._file}: 写不进去，库未改动（{error}），请检查磁盘和权限，或等另一进程写完 / cannot be written, "
                "nothing was changed; check the disk and its permissions, or wait for the other process"
            ) from None

    def versions(self) -> Versions:
        format = self._format()
        if format != FORMAT:
            return Versions(format, 0, "")
        row = self._one("SELECT number, generation FROM change ORDER BY number DESC LIMIT 1")
        return Versions(format, *(row or (0, "")))

    def had(self, change: int, generation: str) -> bool:
        """Tell whether the library went through this change."""
        row = self._one("SELECT generation FROM change WHERE number = ?", change)
        return row is not None and row[0] == generation

    def origin(self) -> str:
        """Return the name of the change that began this library; copies of it share it."""
        (row,) = self._all("SELECT generation FROM change ORDER BY number LIMIT 1")
        return str(row[0])

    def is_filled(self) -> bool:
        """Tell whether the bundled reviews were put in once."""
        return self._one("SELECT 1 FROM meta WHERE key = 'filled'") is not None

    def made_otherwise(self, model: str) -> list[Made]:
        """Return the reviews that another model or another layout repair made."""
        # Ranges, each of which the index `made_with` answers at once where there is none.
        ranges = (
            "model < ?1",
            "model > ?1",
            "model = ?1 AND repair < ?2",
            "model = ?1 AND repair > ?2",
        )
        numbers = " UNION ALL ".join(f"SELECT number FROM review WHERE {each}" for each in ranges)
        rows = self._all(
            f"SELECT id, model, repair FROM review WHERE number IN ({numbers}) ORDER BY number",
            *(model, REPAIR_VERSION),
        )
        return [Made(*row) for row in rows]


def _log_ahead(database: sqlite3.Connection) -> None:
    """Have changes written to a log first, so that readers never wait for the writer.

    Two processes that both turn a new library to it hold each other up, and SQLite fails at once
    instead of waiting: it is tried again for as long as one waits for a writer.
    """
    until = monotonic() + WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
        sleep(_AGAIN)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they outlive a power cut."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        keep_names(each.parent)
