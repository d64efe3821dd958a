"""Logging in and out: by a form without a script, slower with every wrong password."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

import app
from qa.doors.accounts import Accounts
from qa.doors.audit import Audit
from qa.doors.entry import Entry
from qa.doors.tickets import Tickets
from qa.web.login import Attempts
from qa.web.opening import Loader
from tests.qa.doors.conftest import PASSWORD, QUICK

HOST = "yuanwen.example"


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    accounts = Accounts(tmp_path_factory.mktemp("doors") / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD, admin=True)
    accounts.add("wang", PASSWORD)
    return accounts


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def served(loader: Loader, accounts: Accounts, logs: Path) -> FastAPI:
    return app.create_app(loader, Entry((HOST,), accounts, audit=Audit(logs)))


def client(served: FastAPI, address: str, scheme: str = "https") -> TestClient:
    return TestClient(
        served, base_url=f"{scheme}://{HOST}", client=(address, 1), follow_redirects=False
    )


def log_in(visitor: TestClient, name: str, password: str) -> Response:
    return visitor.post("/login", data={"name": name, "password": password})


def records(logs: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (logs / "audit.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_login_opens_a_session_and_logging_out_ends_it(served: FastAPI, scheme: str) -> None:
    visitor = client(served, "192.0.2.10", scheme)
    came = log_in(visitor, "LI", PASSWORD)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    cookies: SimpleCookie = SimpleCookie()
    for header in came.headers.get_list("set-cookie"):
        cookies.load(header)
    prefix = "__Host-" if scheme == "https" else ""
    assert set(cookies) == {f"{prefix}yuanwen-session", f"{prefix}yuanwen-device"}
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "strict"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert bool(cookie["secure"]) == (scheme == "https")
    assert visitor.get("/visitor").json()["name"] == "li"
    assert visitor.get("/login").headers["location"] == "/"
    kept = dict(visitor.cookies)
    left = visitor.post("/logout")
    assert left.headers["location"] == "/login"
    assert f"{prefix}yuanwen-session" not in visitor.cookies
    visitor.cookies.update(kept)
    assert visitor.get("/visitor").status_code == 401


def test_a_new_login_ends_the_session_before_it(served: FastAPI) -> None:
    visitor = client(served, "192.0.2.11")
    log_in(visitor, "li", PASSWORD)
    before = visitor.cookies["__Host-yuanwen-session"]
    log_in(visitor, "wang", PASSWORD)
    assert visitor.cookies["__Host-yuanwen-session"] != before
    assert visitor.get("/visitor").json()["name"] == "wang"
    assert client(served, "192.0.2.11").get("/visitor", headers={"Cookie": f"__Host-yuanwen-session={before}"}).status_code == 401  # fmt: skip


@pytest.mark.parametrize(("language", "told"), [("zh", "帐户名或密码不对。"), ("en", "Account or password is wrong.")])  # fmt: skip
def test_wrong_passwords_and_names_are_told_alike(
    served: FastAPI, language: str, told: str
) -> None:
    pages = set()
    for number, name in enumerate(("li", "nobody")):
        visitor = client(served, f"192.0.2.{20 + number}")
        visitor.headers["Accept-Language"] = {"zh": "zh-CN,zh;q=0.9", "en": "de,en"}[language]
        answer = log_in(visitor, name, "wrong password!")
        assert answer.status_code == 401
        assert told in answer.text
        assert not visitor.cookies
        pages.add(answer.text.replace(f'"{name}"', '"name"'))
    assert len(pages) == 1


def test_what_was_typed_is_shown_as_text(served: FastAPI) -> None:
    name = '"><script>alert(1)</script>${name}'
    answer = log_in(client(served, "192.0.2.30"), name, "<b>")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<b>" not in answer.text
    assert "${name}" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert not re.search(r"script|https?://|\son\w+=", client(served, "192.0.2.30").get("/login").text)  # fmt: skip


@pytest.mark.parametrize("data", [{}, {"name": "li"}, {"name": ["li", "wang"], "password": PASSWORD + "x"},
                                  {"name": "li\x00", "password": PASSWORD}, {"name": "li", "password": PASSWORD * 30}])  # fmt: skip
def test_odd_forms_let_nobody_in(served: FastAPI, data: dict[str, str]) -> None:
    answer = client(served, "192.0.2.31").post("/login", data=data)
    assert answer.status_code in (401, 429)


def test_guessing_slows_down_and_says_how_long(served: FastAPI) -> None:
    visitor = client(served, "192.0.2.40")
    answers = [log_in(visitor, "guessed", f"wrong password {number}") for number in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[3].headers["retry-after"] == "1"
    assert "1" in answers[3].text


class Clocked:
    """Attempts at a clock that the test sets, and what a browser that logged in before shows."""

    def __init__(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.attempts = Attempts(accounts, Tickets(accounts.kept))
        monkeypatch.setattr(self.attempts._waits, "_now", lambda: self.now)
        monkeypatch.setattr(self.attempts._addresses, "_now", lambda: self.now)
        self.device = Tickets(accounts.kept).issue("li", "device")

    def guess(self, address: str, name: str = "li") -> int | str:
        return self.attempts.login(name, "wrong password!", "", address)


@pytest.fixture
def clocked(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Clocked:
    return Clocked(accounts, monkeypatch)


def test_a_guesser_from_everywhere_gets_few_tries(clocked: Clocked) -> None:
    """An hour, a try each second, each from an address of its own."""
    tries = 0
    for second in range(3600):
        clocked.now += 1
        tries += clocked.guess(f"10.{second // 250}.{second % 250}.1") == "wrong"
    assert tries < 3 + 8 + 3600 / 60 + 1


def test_a_guesser_of_many_names_gets_few_tries(clocked: Clocked) -> None:
    tries = 0
    for second in range(3600):
        clocked.now += 1
        tries += clocked.guess("10.0.0.1", f"name{second}") == "wrong"
    assert tries <= 10 + 3600 * 0.2
    ipv6 = sum(clocked.guess(f"2001:db8::{at:x}", f"other{at}") == "wrong" for at in range(50))
    assert ipv6 == 10


def test_a_person_is_not_locked_out(clocked: Clocked) -> None:
    """Where a browser was let in before, guessing elsewhere and at the same address changes nothing."""
    for _ in range(50):
        clocked.guess("10.0.0.1")
    assert clocked.attempts.login("li", PASSWORD, "", "10.0.0.1") != "in"
    assert clocked.attempts.login("li", PASSWORD, clocked.device, "10.0.0.1") == "in"
    assert clocked.attempts.login("wang", PASSWORD, clocked.device, "10.0.0.2") == "in"
    clocked.now += 60  # the longest that anyone else waits
    assert clocked.attempts.login("li", PASSWORD, "", "10.0.0.9") == "in"


def test_a_known_device_does_not_guess_faster(clocked: Clocked) -> None:
    found = [clocked.attempts.login("li", "wrong password!", clocked.device, "10.0.0.1") for _ in range(5)]  # fmt: skip
    assert found == ["wrong", "wrong", "wrong", 1, 1]


def test_logins_are_written_down_without_what_was_typed(
    served: FastAPI, logs: Path, accounts: Accounts
) -> None:
    (logs / "audit.jsonl").unlink(missing_ok=True)
    visitor = client(served, "192.0.2.50")
    log_in(visitor, "wang", "wrong password!")
    log_in(visitor, PASSWORD, "wang")  # the boxes mixed up
    log_in(visitor, "wang", PASSWORD)
    visitor.post("/logout")
    told = [(each["who"], each["what"], each["address"]) for each in records(logs)]
    assert told == [
        ("wang", "login failed", "192.0.2.50"),
        (None, "login failed", "192.0.2.50"),
        ("wang", "logged in", "192.0.2.50"),
        ("wang", "logged out", "192.0.2.50"),
    ]
    written = (logs / "audit.jsonl").read_text()
    assert json.dumps(PASSWORD)[1:-1] not in written
    assert not any(secret in written for secret in visitor.cookies.values())


def test_changes_of_the_library_are_written_down(own_loader: Loader, tmp_path: Path) -> None:
    own_loader.assistant()
    with TestClient(
        app.create_app(own_loader, Entry(audit=Audit(tmp_path))), base_url="http://127.0.0.1"
    ) as visitor:
        for name, sent in (("茶.txt", "喝茶。"), ("水.txt", "喝茶。"), ("茶.exe", "喝水。")):
            visitor.post("/library/add", params={"name": name}, content=sent.encode())
        told = {"review": "茶", "told": {"title": "茶\n与骨"}}
        assert visitor.post("/library/describe", json=told).json() == {"described": "茶"}
        assert visitor.post("/library/remove", json={"review": "茶"}).json() == {"removed": "茶"}
        assert visitor.post("/library/remove", json={"review": "茶"}).json()["error"]
    found = records(tmp_path)
    assert [(each["who"], each["what"], each["outcome"]) for each in found] == [
        ("local", "add", "done"), ("local", "add", "held"), ("local", "add", "failed"),
        ("local", "describe", "done"), ("local", "remove", "done"), ("local", "remove", "failed"),
    ]  # fmt: skip
    assert [found[at]["file"] for at in range(3)] == ["茶.txt", "水.txt", "茶.exe"]
    assert [found[at]["review"] for at in (0, 1, 3, 4)] == ["茶"] * 4
    assert found[3]["told"] == {"title": "茶\n与骨"}
    assert found[5]["why"] == "gone"
