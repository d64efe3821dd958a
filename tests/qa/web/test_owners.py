"""A library of one's own: nobody reaches another's, by any route, by id or by guess."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import app
from qa.doors.accounts import Accounts
from qa.doors.audit import Audit
from qa.doors.entry import Entry
from qa.doors.tickets import Tickets
from qa.web import guard
from qa.web.libraries import folder_of, own_libraries
from tests.qa.doors.conftest import PASSWORD, QUICK
from tests.serving import serving

from .test_tools import run

SAYS = {"li": "月牙泉的紫苏茶使骨密度升高", "wang": "鸣沙山的黑枸杞使骨密度降低"}
"""What the file of each says and nobody else's; both are called the same, and have one id."""
NAMES = list(SAYS)
ID, ONLY = "笔记", "只有{}"
ASKED = "什么使骨密度升高或降低？"


def text(name: str, more: str = "") -> bytes:
    return f"{SAYS[name]}的笔记\n\n1 {SAYS[name]}吗\n\n{more}{SAYS[name]}[1]。\n".encode()


class Served(NamedTuple):
    """A real server; `li` is an admin, `wang` a reader."""

    address: str
    tickets: Tickets
    parent: Path

    def client(self, name: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tickets.issue(name, 'token')}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def parent(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both have a library already; making one takes seconds."""
    parent = tmp_path_factory.mktemp("own") / "libraries"
    for name in NAMES:
        shutil.copytree(bundled, parent / folder_of(name))
    return parent


@pytest.fixture(scope="module")
def served(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Both have sent a file of the same name. One library is open at a time: they take turns."""
    folder = tmp_path_factory.mktemp("doors")
    accounts = Accounts(folder / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD, admin=True)
    accounts.add("wang", PASSWORD)
    libraries = own_libraries(parent)
    libraries._most = 1
    entry = Entry(accounts=accounts, audit=Audit(folder / "logs"))
    with pytest.MonkeyPatch.context() as patch:
        for rate in ("ASKING", "ADDING"):
            patch.setattr(guard, rate, guard.Rate(1e6, 1e6))
        with serving(app.create_app(libraries, entry, mcp=True)) as address:
            served = Served(address, Tickets(accounts.kept), parent)
            for name in NAMES:
                with served.client(name) as client:
                    for id, more in ((ID, ""), (ONLY.format(name), "又记：")):
                        add(client, f"{id}.txt", text(name, more))
                        told = {"review": id, "told": {"title": SAYS[name]}}
                        client.post("/library/describe", json=told)
            yield served
    told = [json.loads(line) for line in (folder / "logs" / "audit.jsonl").read_text().splitlines()]
    assert {(each["who"], each["what"]) for each in told} >= {("li", "add"), ("wang", "add")}


def add(client: httpx.Client, name: str, data: bytes) -> None:
    sent = client.post("/library/add", params={"name": name}, content=data)
    *_, last = map(json.loads, sent.text.splitlines())
    assert [list(each) for each in last["taken"]] == [["added"]], last


def function(client: httpx.Client, name: str, asked: Any = None) -> str:
    """Call a function of the page, as its modules do."""
    (part,) = (
        part["id"]
        for part in client.get("/config").json()["components"]
        if name in (part["props"].get("server_fns") or ())
    )
    body = {"component_id": part, "fn_name": name, "data": asked, "session_hash": "x"}
    return client.post("/gradio_api/component_server/", json=body).text


def tool(client: httpx.Client, name: str, **arguments: Any) -> str:
    async def called() -> Any:
        headers = {"Authorization": client.headers["Authorization"]}
        async with httpx.AsyncClient(headers=headers, timeout=60) as own:
            way = streamable_http_client(f"{client.base_url}/mcp", http_client=own)
            async with Client(way) as assistant:
                return await assistant.call_tool(name, arguments)

    return str(run(called))


def quoted(client: httpx.Client, name: str) -> dict[str, Any]:
    """Return an answer whose first quote is of the owner's file."""
    asked = {"question": f"{SAYS[name]}吗？", "sources": [ID]}
    told: dict[str, Any] = client.post("/api/ask", json=asked).json()
    return told | {"quotes": told["quotes"] or told["nearest"]}


def shows(told: str, owner: str) -> bool:
    """Tell whether an answer holds what the owner's file says, spelt out or not."""
    return SAYS[owner] in told or ascii(SAYS[owner])[1:-1] in told


class Known(NamedTuple):
    """What somebody knows of a file: its ids, and an answer that quotes it."""

    id: str
    only: str
    answer: dict[str, Any]

    @property
    def receipt(self) -> dict[str, Any]:
        return dict(self.answer["quotes"][0]["receipt"])


ROUTES: dict[str, Callable[[httpx.Client, Known], str]] = {
    "ask": lambda client, _: client.post("/api/ask", json={"question": ASKED, "k": 50}).text,
    "ask one": lambda client, known: client.post("/api/ask", json={"question": ASKED, "sources": [known.id]}).text,
    "ask only his": lambda client, known: client.post("/api/ask", json={"question": ASKED, "sources": [known.only]}).text,
    "ask on the page": lambda client, known: client.post("/ask", json={"question": ASKED, "history": [], "sources": [known.id]}).text,
    "ask the page for only his": lambda client, known: client.post("/ask", json={"question": ASKED, "history": [], "sources": [known.only]}).text,
    "list": lambda client, _: client.get("/api/sources").text,
    "shelf": lambda client, _: function(client, "shelf"),
    "suggest": lambda client, _: function(client, "suggest"),
    "read": lambda client, known: function(client, "read", {"review": known.id, "at": 0}),
    "read only his": lambda client, known: function(client, "read", {"review": known.only, "at": 0}),
    "extracted": lambda client, known: function(client, "extracted", {"review": known.only, "marks": [[0, 9]]}),
    "record": lambda client, known: function(client, "record", {"review": known.only}),
    "export": lambda client, known: function(client, "export", {"style": "markdown", "turns": [known.answer]}),
    "tool ask": lambda client, known: tool(client, "ask", question=ASKED, sources=[known.id]),
    "tool ask only his": lambda client, known: tool(client, "ask", question=ASKED, sources=[known.only]),
    "tool open": lambda client, known: tool(client, "open_passage", source=known.only, raw_start=known.receipt["raw_start"], raw_end=known.receipt["raw_end"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def known(served: Served) -> dict[str, Known]:
    """What each owner knows of his own; it is given to the other."""
    found = {}
    for name in NAMES:
        with served.client(name) as client:
            found[name] = Known(ID, ONLY.format(name), quoted(client, name))
            assert SAYS[name] in found[name].answer["quotes"][0]["text"]
    return found


@pytest.mark.parametrize("route", ROUTES)
def test_only_the_owner_is_shown_what_his_file_says(
    served: Served, known: dict[str, Known], route: str
) -> None:
    for owner, other in (NAMES, NAMES[::-1]):
        with served.client(owner) as client:
            assert shows(ROUTES[route](client, known[owner]), owner)
        with served.client(other) as client:
            assert not shows(ROUTES[route](client, known[owner]), owner)


def test_nobody_changes_anothers(served: Served, known: dict[str, Known]) -> None:
    for owner, other in (NAMES, NAMES[::-1]):
        with served.client(other) as client:
            asked = {"review": known[owner].only}
            gone = {"error": {"told": "gone"}}
            assert client.post("/library/remove", json=asked).json() == gone
            asked["told"] = {"title": "别人的"}  # type: ignore[assignment]
            assert client.post("/library/describe", json=asked).json() == gone
            assert "gone" in function(client, "aside", asked)
        with served.client(owner) as client:
            assert known[owner].only in [each["id"] for each in client.get("/api/sources").json()]
            assert "别人的" not in function(client, "record", {"review": known[owner].only})


def test_each_describes_and_removes_his_own_by_the_same_id(served: Served) -> None:
    """A reader too: it is his library."""

    def send(name: str) -> None:
        with served.client(name) as client:
            assert client.get("/visitor").json()["admin"]
            add(client, "同名.txt", text(name, "同名："))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(send, NAMES))
    with served.client("wang") as client:
        described = {"review": "同名", "told": {"title": "王的题目"}}
        assert client.post("/library/describe", json=described).json() == {"described": "同名"}
    with served.client("li") as client:
        assert "王的题目" not in client.get("/api/sources").text
        assert client.post("/library/remove", json={"review": "同名"}).json() == {"removed": "同名"}
    with served.client("wang") as client:
        assert "王的题目" in client.get("/api/sources").text
        assert client.post("/library/remove", json={"review": "同名"}).json() == {"removed": "同名"}


def test_many_requests_at_once_are_each_answered_from_the_askers_own(served: Served) -> None:
    """Both ask the same of the same id while their libraries are opened and let go in turn."""
    questions: list[Callable[[httpx.Client], str]] = [
        lambda client: client.post("/api/ask", json={"question": ASKED, "sources": [ID]}).text,
        lambda client: client.post("/ask", json={"question": ASKED, "history": [], "sources": [ID]}).text,
        lambda client: function(client, "read", {"review": ID, "at": 0}),
        lambda client: function(client, "record", {"review": ID}),
        lambda client: client.get("/api/sources").text,
        lambda client: tool(client, "ask", question=ASKED, sources=[ID]),
    ]  # fmt: skip
    clients = {name: served.client(name) for name in NAMES}

    def once(number: int) -> tuple[bool, bool]:
        owner, other = NAMES[:: 1 if number % 2 else -1]
        question = questions[number // 2 % len(questions)]
        while "busy" in (told := question(clients[owner])):
            continue
        return shows(told, owner), shows(told, other)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(once, range(96))) == {(True, False)}
    for client in clients.values():
        client.close()


def test_who_is_not_let_in_learns_nothing_of_any_library(served: Served) -> None:
    with httpx.Client(base_url=served.address) as client:
        assert client.get("/api/health").json() == {"status": "ready", "detail": ""}
        assert client.get("/api/sources").status_code == 401
    assert len(list(served.parent.iterdir())) == len(NAMES)


def test_one_visitor_sends_a_few_files_at_a_time(served: Served) -> None:
    going = Event()

    def slowly() -> Iterator[bytes]:
        yield "慢".encode()
        assert going.wait(60)

    with served.client("wang") as wang, ThreadPoolExecutor(guard.SENDING) as threads:
        sent = [
            threads.submit(wang.post, f"/library/add?name=慢{at}.txt", content=slowly())
            for at in range(guard.SENDING)
        ]
        try:
            with served.client("wang") as more:
                while more.post("/library/add?name=x.exe", content=b"x").status_code == 200:
                    continue
                told = more.post("/library/add?name=x.exe", content=b"x")
                assert (told.status_code, told.headers["retry-after"]) == (429, "1")
                assert "你还有文件" in told.json()["error"]
            with served.client("li") as other:
                assert other.post("/library/add?name=x.exe", content=b"x").status_code == 200
        finally:
            going.set()
        assert {each.result().status_code for each in sent} == {200}
