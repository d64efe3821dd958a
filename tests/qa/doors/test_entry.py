"""Settings that would let in anyone are refused, in one line with the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa.doors.accounts import Accounts
from qa.doors.entry import Entry, EntryError, entry_for

from .conftest import PASSWORD

PROXY: dict[str, Any] = {"proxies": ["10.0.0.5"], "user_header": "X-Remote-User"}
NAMED: dict[str, Any] = {"allowed": ["yuanwen.example"]}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.53", "::1"])
def test_this_machine_needs_nothing(host: str) -> None:
    assert entry_for(host).is_open
    assert "127.0.0.1" in entry_for(host).hosts


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.4", "yuanwen.example", "fe80::1"])
def test_other_machines_need_a_login(host: str, accounts: Accounts) -> None:
    for none in (None, accounts.kept.file):
        with pytest.raises(EntryError, match="yuanwen users add NAME --admin") as told:
            entry_for(host, **NAMED, accounts=none)
        assert "\n" not in str(told.value)
    accounts.add("li", PASSWORD)
    found = entry_for(host, **NAMED, accounts=accounts.kept.file)
    assert not found.is_open
    assert found.accounts
    assert "yuanwen.example" in found.hosts
    by_proxy = entry_for(host, **NAMED, **PROXY)
    assert not by_proxy.is_open
    assert by_proxy.accounts is None


@pytest.mark.parametrize("more", [{"login": True}, {"proxies": ["127.0.0.1"]}])
def test_a_login_can_be_had_on_this_machine(more: dict[str, Any], accounts: Accounts) -> None:
    with pytest.raises(EntryError, match="no account yet"):
        entry_for("127.0.0.1", accounts=accounts.kept.file, **more)
    accounts.add("li", PASSWORD)
    assert not entry_for("127.0.0.1", accounts=accounts.kept.file, **more).is_open


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"host": "0.0.0.0"}, "--allowed-host"), ({"admins": ["li"]}, "users add li --admin"), ({"user_header": "X-User"}, "--trust-proxy"),
     ({"proxies": ["example.org"]}, "should be an address"), ({"proxies": ["0.0.0.0/0"]}, "trusts everyone"),
     ({"proxies": ["::/0"]}, "trusts everyone"), ({"proxies": ["10.0.0.1/8"]}, "should be an address")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(EntryError, match=told) as refused:
        entry_for(**{"host": "127.0.0.1", **settings})
    assert "\n" not in str(refused.value)
    assert " / " in str(refused.value)


def test_the_plain_entry_is_this_machines(tmp_path: Path) -> None:
    assert Entry().is_open
    assert Entry().hosts == ("127.0.0.1", "localhost", "[::1]")
