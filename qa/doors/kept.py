"""The file of accounts and tickets: one SQLite database that only its owner can read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from platformdirs import user_data_path

VERSION = 1
_WAIT = 10.0  # seconds for another process's change

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    admin INTEGER NOT NULL,
    made TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tickets (
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    made REAL NOT NULL,
    used REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS tickets_of ON tickets (account, kind);
PRAGMA user_version = {VERSION};
"""


class AccountsError(ValueError):
    """The accounts cannot be read or changed as asked."""


def default_file() -> Path:
    """Return where the accounts of this user of the machine are kept."""
    return user_data_path("yuanwen") / "accounts.sqlite"


class Kept:
    """The database in its file; made on first use, with mode 600."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with self.change() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            elif version != VERSION:
                raise AccountsError(
                    f"{file}: 帐户文件是另一版本的（{version}），请用写它的那一版 / written by another "
                    f"version ({version}); use that one"
                )

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; what is done with it is one transaction."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
            if self.file.stat().st_mode & 0o077:
                self.file.chmod(0o600)
            with closing(sqlite3.connect(self.file, timeout=_WAIT)) as database, database:
                database.execute("PRAGMA foreign_keys = ON")
                database.execute("PRAGMA secure_delete = ON")
                yield database
        except (OSError, sqlite3.DatabaseError) as error:
            raise AccountsError(
                f"{self.file}: 帐户文件用不了（{error}），请换一个或从备份恢复 / the accounts cannot be "
                "used; name another file or restore it from a backup"
            ) from None
