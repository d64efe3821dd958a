"""Accounts and what is shown instead of their passwords."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa.doors.accounts import Account, Accounts
from qa.doors.kept import AccountsError
from qa.doors.tickets import LIVES, Kind, Tickets

from .conftest import PASSWORD, QUICK

OTHER = "another password altogether"


def test_only_the_right_password_of_the_right_account_is_taken(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD, admin=True)
    accounts.add("王医生", OTHER)
    assert accounts.check("li", PASSWORD) == Account("li", True)
    assert accounts.check("王医生", OTHER) == Account("王医生", False)
    for name, password in (("li", OTHER), ("王医生", PASSWORD), ("nobody", PASSWORD), ("", ""), ("nobody", "")):  # fmt: skip
        assert accounts.check(name, password) is None


def test_one_person_has_one_name(accounts: Accounts) -> None:
    accounts.add("Li", PASSWORD)
    assert accounts.check("ＬＩ", PASSWORD) == Account("li", False)
    with pytest.raises(AccountsError, match="there is such an account"):
        accounts.add("lI", PASSWORD)


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "x" * 65, "<b>", "a\x00", "\udcff"])
def test_odd_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountsError, match="letters, digits"):
        accounts.add(name, PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "averylongname"])
def test_poor_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountsError, match="12"):
        accounts.add("AVeryLongName", password)
    assert accounts.listed() == []


def test_no_password_or_ticket_stands_in_the_file_and_only_its_owner_reads_it(
    accounts: Accounts,
) -> None:
    accounts.add("li", PASSWORD)
    secret = Tickets(accounts.kept).issue("li", "token")
    held = accounts.kept.file.read_bytes()
    assert b"li" in held
    assert PASSWORD.encode() not in held
    assert secret.encode() not in held
    assert stat.S_IMODE(accounts.kept.file.stat().st_mode) == 0o600
    accounts.kept.file.chmod(0o644)
    accounts.listed()
    assert stat.S_IMODE(accounts.kept.file.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", LIVES)
def test_a_ticket_is_good_for_its_account_and_kind_only(accounts: Accounts, kind: Kind) -> None:
    accounts.add("li", PASSWORD)
    tickets = Tickets(accounts.kept)
    secret = tickets.issue("LI", kind)
    assert len(secret) >= 43
    assert tickets.holder(secret, kind) == Account("li", False)
    for other in LIVES:
        assert (tickets.holder(secret, other) is not None) == (other == kind)
    for wrong in ("", secret[:-1], secret + "x", "\udcff"):
        assert tickets.holder(wrong, kind) is None
    tickets.end(secret)
    assert tickets.holder(secret, kind) is None


@pytest.mark.parametrize("kind", LIVES)
def test_tickets_end_by_themselves(accounts: Accounts, kind: Kind) -> None:
    accounts.add("li", PASSWORD)
    now = [1e9]
    tickets = Tickets(accounts.kept, lambda: now[0])
    idle, used = tickets.issue("li", kind), tickets.issue("li", kind)
    life, began = LIVES[kind], now[0]
    while now[0] + life.idle * 0.9 < began + life.whole:
        now[0] += life.idle * 0.9
        assert tickets.holder(used, kind)
    if life.idle < life.whole:
        assert tickets.holder(idle, kind) is None
    now[0] = began + life.whole + 1
    assert tickets.holder(used, kind) is None


def test_tickets_end_with_the_password_and_the_account(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD)
    accounts.add("wang", PASSWORD)
    tickets = Tickets(accounts.kept)
    others = tickets.issue("wang", "session")
    for change in (lambda: accounts.set_password("li", OTHER), lambda: accounts.remove("li")):
        held: list[tuple[Kind, str]] = [(kind, tickets.issue("li", kind)) for kind in LIVES]
        change()
        assert [tickets.holder(secret, kind) for kind, secret in held] == [None] * 3
    accounts.add("li", PASSWORD)
    assert tickets.tokens() == []
    assert tickets.holder(others, "session") == Account("wang", False)


def test_tickets_are_bounded_and_tokens_are_revoked_by_label(accounts: Accounts) -> None:
    accounts.add("li", PASSWORD)
    tickets = Tickets(accounts.kept)
    secrets = [tickets.issue("li", "session") for _ in range(LIVES["session"].most + 3)]
    good = [tickets.holder(secret, "session") is not None for secret in secrets]
    assert good == [False] * 3 + [True] * LIVES["session"].most
    tickets.issue("li", "token", "notebook")
    tickets.issue("li", "token", "desk")
    assert tickets.revoke("li", "notebook") == 1
    assert [token.label for token in tickets.tokens()] == ["desk"]
    assert tickets.revoke("li") == 1
    with pytest.raises(AccountsError, match="no such account"):
        tickets.issue("nobody", "token")


def test_several_processes_open_the_file_at_once(tmp_path: Path) -> None:
    file = tmp_path / "accounts.sqlite"
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(lambda _: Accounts(file, QUICK), range(8)))
        list(threads.map(lambda at: opened[at].add(f"user{at}", PASSWORD), range(8)))
    assert len(Accounts(file, QUICK).listed()) == 8


def test_a_file_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "accounts.sqlite"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(AccountsError, match=r"accounts\.sqlite: .*cannot be used"):
        Accounts(file)
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(AccountsError, match="another version"):
        Accounts(newer)
