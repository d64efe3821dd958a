"""The command `yuanwen users`, and what `yuanwen serve` refuses; by the command itself."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from qa.cli import main
from qa.doors.accounts import Accounts
from qa.doors.tickets import Tickets
from tests.qa.doors.conftest import PASSWORD


@pytest.fixture
def kept(tmp_path: Path) -> list[str]:
    return ["--accounts", str(tmp_path / "a.sqlite"), "--logs", str(tmp_path / "logs")]


def users(
    monkeypatch: pytest.MonkeyPatch, kept: list[str], *arguments: str, typed: str = ""
) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    return main(["users", *arguments, *kept])


def test_accounts_are_kept_by_command(
    monkeypatch: pytest.MonkeyPatch,
    kept: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert users(monkeypatch, kept, "add", "Li", "--admin", typed=PASSWORD + "\n") == 0
    accounts = Accounts(tmp_path / "a.sqlite")
    assert accounts.check("li", PASSWORD) == ("li", True)
    capsys.readouterr()
    assert users(monkeypatch, kept, "token", "li", "--label", "notebook") == 0
    secret = capsys.readouterr().out.strip()
    assert Tickets(accounts.kept).holder(secret, "token") == ("li", True)
    assert users(monkeypatch, kept, "list") == 0
    listed = capsys.readouterr().out
    assert listed.startswith("li\t管理员/admin\n\t令牌/token notebook\t")
    assert secret not in listed
    assert users(monkeypatch, kept, "revoke", "li", "--label", "notebook") == 0
    assert Tickets(accounts.kept).holder(secret, "token") is None
    assert users(monkeypatch, kept, "password", "li", typed="another password here") == 0
    assert accounts.check("li", "another password here")
    assert users(monkeypatch, kept, "remove", "LI") == 0
    assert accounts.listed() == []
    written = (tmp_path / "logs" / "audit.jsonl").read_text()
    told = [json.loads(line) for line in written.splitlines()]
    assert [each["what"] for each in told] == ["account added", "token made", "tokens revoked", "password changed", "account removed"]  # fmt: skip
    assert secret not in written
    assert "another password" not in written
    assert stat.S_IMODE((tmp_path / "a.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [(["add", "li"], "short\n", "12"), (["add", "l i"], PASSWORD, "letters, digits"), (["remove", "li"], "", "no such account"),
     (["password", "li"], PASSWORD, "no such account"), (["token", "li"], "", "no such account"), (["revoke", "li"], "", "no such token")],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(
    monkeypatch: pytest.MonkeyPatch, kept: list[str], arguments: list[str], typed: str, told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert users(monkeypatch, kept, *arguments, typed=typed) == 2
    error = capsys.readouterr().err
    assert error.startswith("yuanwen: ")
    assert told in error
    assert error.count("\n") == 1


def test_a_password_is_asked_twice_and_not_shown(kept: list[str], tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-m", "qa", "users", "add", "li", *kept],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    for prompt in (b"password: ", b"again: "):
        while prompt not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, PASSWORD.encode() + b"\n")
    assert asked.wait(60) == 0
    while b"added" not in shown:
        shown += os.read(ours, 1000)
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert Accounts(tmp_path / "a.sqlite").check("li", PASSWORD)


def test_what_the_guide_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "serving.md").read_text("utf-8")
    helped = ""
    for command in (
        ["serve"],
        ["users"],
        ["users", "add"],
        ["users", "token"],
        ["users", "revoke"],
    ):
        with pytest.raises(SystemExit, match="0"):
            main([*command, "--help"])
        helped += capsys.readouterr().out
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", guide)) - {"--system"}
    assert len(named) > 10
    assert {name for name in named if name not in helped} == set()
    asked = set(re.findall(r"users ([a-z]+)", guide))
    assert asked == {"add", "list", "remove", "password", "token", "revoke"}
    assert all(f"  {name} " in helped for name in asked)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--host", "0.0.0.0"], "--allowed-host"), (["--host", "0.0.0.0", "--allowed-host", "y.example"], "yuanwen users add NAME"),
     (["--host", "192.0.2.1"], "yuanwen users add NAME"), (["--login"], "yuanwen users add NAME"),
     (["--user-header", "X-User"], "--trust-proxy"), (["--tls-key", "x.pem"], "--tls-cert"),
     (["--tls-cert", "/nothing/here.pem"], "PEM")],
)  # fmt: skip
def test_serving_others_without_a_login_is_refused(
    kept: list[str], arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments, *kept]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
