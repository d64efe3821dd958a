"""A library of one's own: nobody reaches another's, by any route, by id or by guess."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import app
from index import LibraryError
from qa import Answer, Assistant
from qa.cli import main
from qa.doors.accounts import Accounts
from qa.doors.audit import Audit
from qa.doors.entry import Entry, EntryError, entry_for
from qa.doors.tickets import Tickets
from qa.web import guard, opening
from qa.web.arrival import Visitor
from qa.web.libraries import OwnLibraries, folder_of, own_libraries
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
        patch.setattr(guard, "ASKING", guard.Rate(1e6, 1e6))
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
    for name in NAMES:
        with served.client(name) as client:
            assert client.get("/visitor").json()["admin"]
            add(client, "同名.txt", text(name, "同名："))
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
            with served.client("li") as other:
                assert other.post("/library/add?name=x.exe", content=b"x").status_code == 200
        finally:
            going.set()
        assert {each.result().status_code for each in sent} == {200}


HOSTILE = ["", ".", "..", "../li", "a/../../b", "/etc", "a\0b", "CON", "nul.txt", "Li", "li", "LI", "ｌｉ", " li", "li ", "li.",
           "e\u0301", "\u00e9", "ß", "ss", "ﬁ", "fi", "İ", "i", "李" * 100, "李" * 99, "\ud800", "li-" + "0" * 32, "~", "$HOME", "%2e%2e"]  # fmt: skip


def alike(name: str) -> str:
    """Return a name as the least particular file system sees it."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())


@given(st.text(), st.text())
@example("Li", "li")
@example("e\u0301", "\u00e9")
def test_folders_neither_escape_nor_collide(one: str, other: str) -> None:
    folders = {name: folder_of(name) for name in (one, other, *HOSTILE)}
    assert len({alike(folder) for folder in folders.values()}) == len(folders)
    for folder in folders.values():
        assert re.fullmatch(r"([a-z0-9\u4e00-\u9fff]{1,20}-)?[0-9a-f]{32}", folder)
        assert len(folder.encode()) < 100


def test_a_folder_tells_whose_it_is() -> None:
    assert folder_of("li").startswith("li-")
    assert folder_of("王医生").startswith("王医生-")
    assert folder_of("../li").startswith("li-")


def test_a_proxy_names_the_owner(parent: Path, tmp_path: Path) -> None:
    opened: list[str] = []

    def open_folder(folder: Path, _: object) -> Assistant:
        opened.append(folder.name)
        raise LibraryError("打不开 / cannot be opened")

    entry = entry_for("0.0.0.0", ["x.example"], accounts=tmp_path / "none", proxies=["127.0.0.1"], user_header="X-Remote-User")  # fmt: skip
    with serving(app.create_app(OwnLibraries(parent, open_folder), entry)) as address:
        for name in ("Li", "li", "../li", "li"):
            told = httpx.get(f"{address}/api/sources", headers={"X-Remote-User": name})
            assert told.status_code == 503
        assert httpx.get(f"{address}/api/sources").status_code == 401
    assert sorted(opened) == sorted(map(folder_of, ("Li", "li", "../li")))


class Held(Assistant):
    """Answers when it is told to."""

    begun, going = Event(), Event()

    def ask(self, *asked: Any, **more: Any) -> Answer:
        self.begun.set()
        assert self.going.wait(60)
        return super().ask(*asked, **more)


def is_open(folder: Path) -> bool:
    """Tell whether this process has a file below a folder open."""
    numbers = Path("/proc/self/fd").iterdir()
    held = [os.readlink(each) for each in numbers if each.is_symlink()]
    return any(each.startswith(f"{folder}/") for each in held)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files by /proc")
def test_few_are_open_and_an_answer_that_is_being_made_keeps_its_own(
    bundled: Path, tmp_path: Path
) -> None:
    names = [f"user{number}" for number in range(6)]
    folders = {name: tmp_path / folder_of(name) for name in names}
    for folder in folders.values():
        shutil.copytree(bundled, folder)
    libraries = OwnLibraries(
        tmp_path, lambda folder, _: Held(Assistant.open(folder).library), most=2
    )
    first, *others = (Visitor("x", name) for name in names)
    with ThreadPoolExecutor(1) as thread:
        loader = libraries.of(first)
        answer = thread.submit(loader.assistant().ask, "维生素K缺乏为什么会导致骨丢失？")
        assert Held.begun.wait(60)
        for other in others:
            libraries.of(other).assistant()
        assert libraries.of(first) is loader  # still in use: never open twice
        for other in others:
            libraries.of(other).assistant()
        del loader
        gc.collect()
        assert [name for name in names if is_open(folders[name])] == [names[0], *names[-2:]]
        Held.going.set()
        assert answer.result().status == "answered"
    del answer
    gc.collect()
    assert [name for name in names if is_open(folders[name])] == names[-2:]
    assert "liver-osteoporosis" in libraries.of(first).assistant().library.reviews


def test_one_that_could_not_be_opened_is_tried_again(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = count()

    def open_folder(*_: object) -> Assistant:
        if not next(tries):
            raise LibraryError("磁盘满 / full")
        return assistant

    libraries, li = OwnLibraries(tmp_path, open_folder), Visitor("x", "li")
    with pytest.raises(LibraryError, match="full"):
        libraries.of(li).assistant()
    assert libraries.of(li).health().status == "failed"
    monkeypatch.setattr(opening, "AGAIN", 0)
    assert libraries.of(li).assistant() is assistant


def test_nobody_has_no_library(tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        own_libraries(tmp_path).of(Visitor("x"))


def test_it_needs_a_login(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EntryError, match="--login"):
        app.create_app(own_libraries(tmp_path), Entry())
    told = ["serve", "--own-libraries", "--port", "0", "--library", str(tmp_path / "own")]
    assert main([*told, "--logs", str(tmp_path)]) == 2
    assert "--own-libraries" in (said := capsys.readouterr().err)
    assert said.count("\n") == 1
    assert not (tmp_path / "own").exists()


def test_a_parent_that_is_a_library_is_refused(bundled: Path) -> None:
    with pytest.raises(LibraryError, match="--library"):
        own_libraries(bundled)


def test_a_first_visit_makes_a_library_with_the_bundled_reviews(tmp_path: Path) -> None:
    made = own_libraries(tmp_path / "libraries").of(Visitor("x", "王医生")).assistant().library
    assert list(made.reviews) == ["obesity-osteoporosis", "liver-osteoporosis"]
    assert made.folder == tmp_path / "libraries" / folder_of("王医生")
    assert [each.stat().st_mode & 0o777 for each in (made.folder, made.folder.parent)] == [
        0o700
    ] * 2
