"""What is shown instead of a password: sessions of browsers, tokens of programs, known devices.

A ticket is a random secret; only its hash is kept, with the account that it stands for.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from .accounts import Account, plain_name
from .kept import AccountsError, Kept

Kind = Literal["session", "token", "device"]


class Life(NamedTuple):
    """How long a ticket is good, in seconds, and how many of its kind an account can have."""

    whole: float
    idle: float
    most: int


DAY = 86400.0
LIVES: dict[Kind, Life] = {
    "session": Life(12 * 3600.0, 2 * 3600.0, 20),  # a shift; what is left open ends
    "token": Life(365 * DAY, 90 * DAY, 20),
    "device": Life(365 * DAY, 365 * DAY, 20),
}
_NOTED = 60.0  # seconds: a use is not written down more often than this


class Token(NamedTuple):
    """A token as listed: whose, what for, and when it was made and last used (seconds of 1970)."""

    account: str
    label: str
    made: float
    used: float


class Tickets:
    """The tickets of a file of accounts."""

    def __init__(self, kept: Kept, now: Callable[[], float] = time.time) -> None:
        self._kept = kept
        self._now = now

    def issue(self, account: str, kind: Kind, label: str = "") -> str:
        """Return a new ticket's secret, which is told once; the oldest make room for it."""
        secret, now, account = secrets.token_urlsafe(32), self._now(), plain_name(account)
        with self._kept.change() as database:
            if not database.execute("SELECT 1 FROM accounts WHERE name = ?", (account,)).fetchone():
                raise AccountsError(
                    f"{account}: 没有这个帐户，见 yuanwen users list / no such account; see yuanwen "
                    "users list"
                )
            row = (_hash(secret), account, kind, label, now, now)
            database.execute("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", row)
            database.execute(
                "DELETE FROM tickets WHERE kind = ?1 AND (made < ?2 OR used < ?3)",
                (kind, now - LIVES[kind].whole, now - LIVES[kind].idle),
            )
            database.execute(
                "DELETE FROM tickets WHERE hash IN (SELECT hash FROM tickets "
                "WHERE account = ? AND kind = ? ORDER BY made DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (account, kind, LIVES[kind].most),
            )
        return secret

    def holder(self, secret: str, kind: Kind) -> Account | None:
        """Return whose ticket it is, if it is good."""
        now, life = self._now(), LIVES[kind]
        with self._kept.change() as database:
            row = database.execute(
                "SELECT name, admin, tickets.made, used FROM tickets JOIN accounts ON name = account "
                "WHERE hash = ? AND kind = ?",
                (_hash(secret), kind),
            ).fetchone()
            if row is None or now - row[2] > life.whole or now - row[3] > life.idle:
                return None
            if now - row[3] > _NOTED:
                database.execute("UPDATE tickets SET used = ? WHERE hash = ?", (now, _hash(secret)))
        return Account(row[0], bool(row[1]))

    def end(self, secret: str) -> None:
        """End a ticket, if it is one."""
        with self._kept.change() as database:
            database.execute("DELETE FROM tickets WHERE hash = ?", (_hash(secret),))

    def tokens(self) -> list[Token]:
        """Return the tokens of every account, without their secrets."""
        with self._kept.change() as database:
            rows = database.execute(
                "SELECT account, label, made, used FROM tickets WHERE kind = 'token' "
                "ORDER BY account, made"
            ).fetchall()
        return [Token(*row) for row in rows]

    def revoke(self, account: str, label: str | None = None) -> int:
        """End an account's tokens, those of a label or all; return how many there were."""
        with self._kept.change() as database:
            return database.execute(
                "DELETE FROM tickets WHERE kind = 'token' AND account = ?1 "
                "AND (?2 IS NULL OR label = ?2)",
                (plain_name(account), label),
            ).rowcount


def _hash(secret: str) -> bytes:
    # 256 random bits cannot be guessed: a slow hash would add nothing.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
