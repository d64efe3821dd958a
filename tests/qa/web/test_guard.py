"""Every route of the assembled app, Gradio's own too, against everyone who has no business there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Mount

import app
from qa import Assistant
from qa.doors.accounts import Accounts
from qa.doors.entry import Entry, entry_for
from qa.doors.tickets import LIVES, Tickets
from qa.web import guard
from qa.web.guard import may
from qa.web.opening import Loader
from tests.qa.doors.conftest import PASSWORD, QUICK

from .conftest import QUESTION

HOST = "yuanwen.example"
BASE = f"https://{HOST}"
FAR = ("192.0.2.7", 50000)
SESSION = "__Host-yuanwen-session"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
PUBLIC = {("GET", "/login"), ("HEAD", "/login"), ("POST", "/login"), ("GET", "/login.css"), ("HEAD", "/login.css"),
          ("GET", "/api/health"), ("HEAD", "/api/health")}  # fmt: skip


class Served(NamedTuple):
    """An app with accounts: `li` is an admin, `wang` a reader."""

    app: FastAPI
    accounts: Accounts
    tickets: Tickets

    def client(self, **more: Any) -> TestClient:
        return TestClient(
            self.app, **{"base_url": BASE, "client": FAR, "follow_redirects": False, **more}
        )

    def ticket(self, name: str, kind: Any = "token") -> dict[str, str]:
        secret = self.tickets.issue(name, kind)
        if kind == "session":
            return {"Cookie": f"{SESSION}={secret}"}
        return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def assembled(loader: Loader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole app, once; the walks ask more often than any person may."""
    accounts = Accounts(tmp_path_factory.mktemp("doors") / "accounts.sqlite", QUICK)
    entry = Entry(hosts=(HOST,), accounts=accounts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "ASKING", guard.Rate(1e6, 1e6))
        made = app.create_app(loader, entry, mcp=True)
        with TestClient(made, base_url=BASE):  # the middleware is made, MCP runs
            yield Served(made, accounts, Tickets(accounts.kept))


@pytest.fixture
def served(assembled: Served) -> Served:
    for account in assembled.accounts.listed():
        assembled.accounts.remove(account.name)
    assembled.accounts.add("li", PASSWORD, admin=True)
    assembled.accounts.add("wang", PASSWORD)
    return assembled


def every_route(routes: list[BaseRoute], under: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, those of mounted apps too, with the parts filled in."""
    for route in routes:
        path = under + re.sub(r"{[^}]*}", "x", getattr(route, "path", ""))
        if router := getattr(route, "original_router", None):  # one that FastAPI includes
            context = getattr(route, "include_context", None)
            yield from every_route(router.routes, under + getattr(context, "prefix", ""))
        elif isinstance(route, Mount):
            yield from every_route(list(route.routes or []), path)
            yield from (("GET", f"{path}/"), ("GET", f"{path}/thread.js"), ("POST", f"{path}/x"))
        else:
            for method in getattr(route, "methods", None) or ("GET", "POST"):
                yield method, path or "/"


def doors(served: Served) -> list[tuple[str, str]]:
    own = {(method, path) for method, path in every_route(list(served.app.routes)) if path}
    odd = {(method, path) for method in METHODS for path in ("/", "/api/ask", "/library/add", "/nothing-here", "//library/add",
            "/login/", "/page/%2e%2e/library/add", "/API/ask", "/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/mcp")}  # fmt: skip
    return sorted(own | odd)


def test_the_walk_finds_every_kind_of_route(served: Served) -> None:
    found = {path for _, path in doors(served)}
    assert len(found) > 80
    assert found >= {"/", "/api/ask", "/api/docs", "/api/openapi.json", "/library/add", "/library/remove", "/mcp",
                     "/page/thread.js", "/visitor", "/logout", "/gradio_api/upload", "/gradio_api/queue/join",
                     "/gradio_api/component_server", "/gradio_api/queue/data", "/assets/x", "/config",
                     "/monitoring", "/gradio_api/run/x", "/gradio_api/call/x", "/gradio_api/file=x"}  # fmt: skip


def expired(served: Served) -> dict[str, str]:
    headers = served.ticket("li", "session")
    age(served, LIVES["session"].idle + 60)
    return headers


def age(served: Served, seconds: float) -> None:
    with closing(sqlite3.connect(served.accounts.kept.file)) as database, database:
        database.execute("UPDATE tickets SET used = used - ?, made = made - ?", (seconds, seconds))


def removed(served: Served) -> dict[str, str]:
    headers = served.ticket("li", "session")
    served.accounts.remove("li")
    return headers


def removed_with_token(served: Served) -> dict[str, str]:
    headers = served.ticket("li")
    served.accounts.remove("li")
    return headers


def changed(served: Served) -> dict[str, str]:
    headers = served.ticket("li", "session")
    served.accounts.set_password("li", PASSWORD + "!")
    return headers


def logged_out(served: Served) -> dict[str, str]:
    headers = served.ticket("li", "session")
    assert served.client().post("/logout", headers=headers).status_code == 303
    return headers


STRANGERS: dict[str, Callable[[Served], dict[str, str]]] = {
    "no login": lambda _: {},
    "wrong token": lambda _: {"Authorization": "Bearer " + "x" * 43},
    "name and password": lambda _: {"Authorization": "Basic bGk6eA=="},
    "wrong session": lambda _: {"Cookie": f"{SESSION}={'x' * 43}"},
    "a token as session": lambda served: {"Cookie": f"{SESSION}={served.tickets.issue('li', 'token')}"},
    "a session as token": lambda served: {"Authorization": f"Bearer {served.tickets.issue('li', 'session')}"},
    "a device as session": lambda served: {"Cookie": f"{SESSION}={served.tickets.issue('li', 'device')}"},
    "a session of plain HTTP": lambda served: {"Cookie": f"yuanwen-session={served.tickets.issue('li', 'session')}"},
    "expired": expired, "removed": removed, "removed with token": removed_with_token,
    "password changed": changed, "logged out": logged_out,
    "a header of a proxy": lambda _: {"X-Remote-User": "li", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": "li"},
    "gradio's own cookies": lambda _: {"Cookie": "access-token=li; access-token-unsecure=li"},
}  # fmt: skip


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_stranger_is_let_in_anywhere(served: Served, stranger: str) -> None:
    headers = STRANGERS[stranger](served)
    client = served.client()
    for method, path in doors(served):
        answer = client.request(method, path, headers=headers)
        if (method, path) in PUBLIC:
            assert answer.status_code in (200, 401, 429)  # a login without a name
        else:
            assert answer.status_code == 401, (method, path)
            assert method == "HEAD" or answer.json() == {"error": "请先登录 / log in first"}
    shown = client.get("/", headers=headers | {"Accept": "text/html"})
    assert (shown.status_code, shown.headers["location"]) == (303, "/login")
    linked = client.get("/", headers=headers | {"Accept": "text/html", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})  # fmt: skip
    assert "refresh" in linked.text
    assert len(linked.text) < 100
    assert client.get("/api/health", headers=headers).json()["detail"] == ""


@pytest.mark.parametrize("kind", ["token", "session"])
def test_a_forged_host_is_let_in_nowhere(served: Served, kind: str) -> None:
    headers = served.ticket("li", kind)
    for host in (
        "evil.example",
        "127.0.0.1",
        f"{HOST}.evil.example",
        f"evil.example:80@{HOST}",
        "",
    ):
        for method, path in doors(served):
            answer = served.client().request(method, path, headers=headers | {"Host": host})
            assert answer.status_code == 400, (host, method, path)


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": f"https://{HOST}.evil.example"},
    {"Origin": f"https://{HOST}:8443"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
)


@pytest.mark.parametrize("forged", FOREIGN, ids=str)
def test_another_sites_page_changes_nothing_anywhere(
    served: Served, forged: dict[str, str]
) -> None:
    headers = served.ticket("li", "session") | forged
    client = served.client()
    for method, path in doors(served):
        if method not in ("GET", "HEAD", "OPTIONS"):
            assert client.request(method, path, headers=headers).status_code == 403, (method, path)
    read = client.get("/api/sources", headers=headers).status_code
    by_script = "Sec-Fetch-Site" in forged and "Sec-Fetch-Mode" not in forged
    assert read == (403 if by_script else 200)


@pytest.mark.parametrize("kind", ["token", "session"])
def test_a_reader_asks_and_changes_nothing(served: Served, kind: str) -> None:
    headers = served.ticket("wang", kind)
    client = served.client()
    asked = client.post("/api/ask", json={"question": QUESTION}, headers=headers)
    assert asked.json()["status"] == "answered"
    assert client.get("/visitor", headers=headers).json() == {
        "name": "wang", "admin": False, "session": kind == "session", "wait": 0
    }  # fmt: skip
    for method, path in doors(served):
        who = may(path, method, True)
        if who == "admins":
            assert client.request(method, path, headers=headers).status_code == 403
        if who == "nobody":
            assert client.request(method, path, headers=headers).status_code == 404, (method, path)
    assert any(may(path, method, True) == "admins" for method, path in doors(served))


def test_nobody_becomes_another_user(served: Served) -> None:
    """A reader who claims to be the admin in every way that a request offers stays who he is."""
    claims = {"X-Remote-User": "li", "Remote-User": "li", "X-Forwarded-User": "li", "X-Forwarded-For": "127.0.0.1",
              "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "for=127.0.0.1"}  # fmt: skip
    for kind in ("token", "session"):
        headers = served.ticket("wang", kind) | claims
        assert served.client().get("/visitor", headers=headers).json()["name"] == "wang"
        sent = served.client().post("/library/remove?user=li", json={"user": "li"}, headers=headers)
        assert sent.status_code == 403
        page = served.client().get("/", headers=headers | {"Accept": "text/html"})
        assert "evil.example" not in page.text
    both = served.ticket("wang", "session") | {"Authorization": "Bearer wrong"}
    assert served.client().get("/visitor", headers=both).status_code == 401


def test_the_page_has_no_way_around_the_admins_routes(served: Served) -> None:
    """Gradio calls functions by component and name: none of those that it offers changes anything."""
    config = served.client().get("/config", headers=served.ticket("wang")).json()
    offered = {
        name for part in config["components"] for name in part["props"].get("server_fns") or ()
    }
    assert offered >= {"read", "export"}
    assert not offered & {"remove", "describe", "add"}
    for part in config["components"]:
        for name in ("remove", "describe", "add"):
            sent = {"component_id": part["id"], "fn_name": name, "data": {"review": "x"}, "session_hash": "x"}  # fmt: skip
            answer = served.client().post(
                "/gradio_api/component_server/", json=sent, headers=served.ticket("wang")
            )
            assert answer.status_code == 404


def test_an_admin_may(served: Served) -> None:
    client = served.client()
    for kind in ("token", "session"):
        gone = client.post(
            "/library/remove", json={"review": "gone"}, headers=served.ticket("li", kind)
        )
        assert gone.json() == {"error": {"told": "gone"}}


def test_without_a_login_this_machine_may_do_everything_listed(client: TestClient) -> None:
    assert client.get("/visitor").json() == {"name": "local", "admin": True, "session": False, "wait": 0}  # fmt: skip
    assert client.get("/login").status_code == 404
    assert client.post("/gradio_api/upload").status_code == 404
    for host in ("localhost:7860", "127.0.0.1", "[::1]:7860", "LOCALHOST"):
        assert client.get("/api/health", headers={"Host": host}).status_code == 200
    for host in (
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:7860:80",
        "[::1",
        "2130706433",
    ):
        assert client.get("/api/health", headers={"Host": host}).status_code == 400
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto"):
        came = client.get("/api/health", headers={header: "10.1.1.1"})
        assert came.status_code == 403
        assert "--trust-proxy" in came.json()["error"]


@pytest.fixture(scope="module")
def proxied(loader: Loader) -> FastAPI:
    entry = entry_for(
        "0.0.0.0", [HOST], proxies=["192.0.2.0/30"], user_header="X-Remote-User", admins=["li"]
    )
    return app.create_app(loader, entry)


@pytest.mark.parametrize(
    ("peer", "sent", "name"),
    [("192.0.2.1", [("X-Remote-User", "wang")], "wang"), ("192.0.2.1", [("x-remote-user", "li")], "li"),
     ("::ffff:192.0.2.1", [("X-Remote-User", "li")], "li"),
     ("192.0.2.4", [("X-Remote-User", "li")], None), ("127.0.0.1", [("X-Remote-User", "li")], None),
     ("192.0.2.4", [("X-Remote-User", "li"), ("X-Forwarded-For", "192.0.2.1")], None),
     ("192.0.2.1", [], None), ("192.0.2.1", [("X-Remote-User", "")], None),
     ("192.0.2.1", [("X-Remote-User", "li"), ("X-Remote-User", "wang")], None),
     ("192.0.2.1", [("X_Remote_User", "li")], None), ("testclient", [("X-Remote-User", "li")], None)],
)  # fmt: skip
def test_a_header_names_the_user_only_from_a_trusted_address(
    proxied: FastAPI, peer: str, sent: list[tuple[str, str]], name: str | None
) -> None:
    client = TestClient(proxied, base_url=BASE, client=(peer, 1), follow_redirects=False)
    found = client.get("/visitor", headers=sent)
    assert found.status_code == (200 if name else 401)
    if name:
        assert (found.json()["name"], found.json()["admin"]) == (name, name == "li")
    else:
        assert client.get("/login").status_code == 401


def test_who_asks_too_fast_waits(
    served: Served, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "ASKING", guard.Rate(3, 0.01))
    own = Served(
        app.create_app(Loader(lambda _: assistant), Entry((HOST,), served.accounts)), *served[1:]
    )  # fmt: skip
    headers = own.ticket("wang")
    client = own.client()
    answers = [client.post("/api/ask", json={}, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 100
    assert "太快了" in answers[3].json()["error"]
    assert client.get("/visitor", headers=headers).json()["wait"] >= 1
    assert client.post("/api/ask", json={}, headers=own.ticket("li")).status_code == 422


def test_bodies_are_bounded(served: Served) -> None:
    headers, client = served.ticket("li"), served.client()
    for path, most in (("/api/ask", guard.MAX_BODY), ("/gradio_api/queue/join", guard.MAX_BODY), ("/login", guard.MAX_LOGIN)):  # fmt: skip
        assert client.post(path, content=b" " * (most + 1), headers=headers).status_code == 413
        assert client.post(path, content=iter([b" "]), headers=headers).status_code == 411
    declared = headers | {"Content-Length": str(guard.MAX_FILE + 1)}
    sent = client.post("/library/add?name=x.txt", content=b"x", headers=declared)
    assert sent.status_code == 413


def test_every_answer_carries_the_headers(served: Served) -> None:
    reader = served.ticket("wang")
    for answer in (
        served.client().get("/api/sources"),
        served.client().get("/login"),
        served.client().get("/", headers=reader),
        served.client().get("/visitor", headers=reader),
        served.client().get("/page/thread.js", headers=reader),
        served.client().get("/nothing-here", headers=reader),
        served.client().get("/visitor", headers={"Host": "evil.example"}),
        served.client().post("/api/ask", json={}, headers=reader),
    ):
        told = answer.headers
        assert "frame-ancestors 'none'" in told["content-security-policy"]
        assert told["x-content-type-options"] == "nosniff"
        assert told["referrer-policy"] == "same-origin"
        assert told["cross-origin-opener-policy"] == told["cross-origin-resource-policy"] == "same-origin"  # fmt: skip
        assert "geolocation=()" in told["permissions-policy"]
        assert told["strict-transport-security"].startswith("max-age=")
        public = answer.url.path.startswith("/page/")
        assert told["cache-control"] == ("no-cache" if public else "no-store")
        assert "server" not in told
        assert "x-powered-by" not in told


def test_what_goes_wrong_inside_is_one_line(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = app.create_app(loader)
    monkeypatch.setattr(Loader, "health", lambda _: 1 / 0)
    client = TestClient(made, base_url="http://127.0.0.1", raise_server_exceptions=False)
    broken = client.get("/api/health")
    assert broken.status_code == 500
    assert list(broken.json()) == ["error"]
    assert "frame-ancestors" in broken.headers["content-security-policy"]
