"""The people who may come in, each with a name, a password and a role."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from .kept import AccountsError, Kept
from .passwords import LONGEST, OWASP, SHORTEST, Cost, hash_password, matches, of_nobody

_NAME = re.compile(r"[\w.@-]{1,64}")


class Account(NamedTuple):
    """A person who may come in; an admin may also change the library."""

    name: str
    admin: bool


class Accounts:
    """The accounts in a file. `cost` is what guessing a password costs."""

    def __init__(self, file: Path, cost: Cost = OWASP) -> None:
        self.kept = Kept(file)
        self._cost = cost
        self._nobody = of_nobody(cost)

    def add(self, name: str, password: str, admin: bool = False) -> Account:
        """Add an account; raises AccountsError for a name that is taken or a poor password."""
        name = plain_name(name)
        hashed = self._hash(name, password)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            with self.kept.change() as database:
                database.execute(
                    "INSERT INTO accounts VALUES (?, ?, ?, ?)", (name, hashed, admin, made)
                )
        except AccountsError:
            if any(each.name == name for each in self.listed()):
                raise AccountsError(
                    f"{name}: 已有这个帐户，改密码请用 yuanwen users password {name} / there is such an "
                    f"account; to change its password: yuanwen users password {name}"
                ) from None
            raise
        return Account(name, admin)

    def remove(self, name: str) -> None:
        """Remove an account, and with it everything by which it could come in."""
        name = plain_name(name)
        with self.kept.change() as database:
            _demand(database.execute("DELETE FROM accounts WHERE name = ?", (name,)), name)

    def set_password(self, name: str, password: str) -> None:
        """Change a password; sessions and tokens that the old one opened end."""
        name = plain_name(name)
        hashed = self._hash(name, password)
        with self.kept.change() as database:
            _demand(
                database.execute("UPDATE accounts SET password = ? WHERE name = ?", (hashed, name)),
                name,
            )
            database.execute("DELETE FROM tickets WHERE account = ?", (name,))

    def listed(self) -> list[Account]:
        """Return every account, by name."""
        with self.kept.change() as database:
            rows = database.execute("SELECT name, admin FROM accounts ORDER BY name").fetchall()
        return [Account(name, bool(admin)) for name, admin in rows]

    def check(self, name: str, password: str) -> Account | None:
        """Return the account if the password is its own; a name that is not there takes as long."""
        with self.kept.change() as database:
            row = database.execute(
                "SELECT name, admin, password FROM accounts WHERE name = ?", (fold(name),)
            ).fetchone()
        right = len(password) <= LONGEST and matches(password, row[2] if row else self._nobody)
        return Account(row[0], bool(row[1])) if row and right else None

    def _hash(self, name: str, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST or fold(password) == name:
            raise AccountsError(
                f"{name}: 密码须有 {SHORTEST}—{LONGEST} 个字符，且不能是帐户名 / a password has {SHORTEST} "
                f"to {LONGEST} characters and is not the account's name"
            )
        return hash_password(password, self._cost)


def fold(name: str) -> str:
    """Return a name as it is kept: `Li` and `li`, in any width of letters, are one person."""
    return unicodedata.normalize("NFKC", name).casefold()


def plain_name(name: str) -> str:
    """Return a name as it is kept; raises AccountsError for one with spaces or odd characters."""
    if not _NAME.fullmatch(fold(name)):
        raise AccountsError(
            f"{name!r}: 帐户名只能有字母、数字、汉字和 . _ @ -，至多 64 个 / a name has letters, digits "
            "and . _ @ - only, 64 at most"
        )
    return fold(name)


def _demand(done: sqlite3.Cursor, name: str) -> None:
    if done.rowcount != 1:
        raise AccountsError(
            f"{name}: 没有这个帐户，见 yuanwen users list / no such account; see yuanwen users list"
        )
