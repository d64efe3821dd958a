"""Which library is whose: folders, how many are open, what is refused."""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import app
from index import LibraryError
from qa import Answer, Assistant
from qa.cli import main
from qa.doors.accounts import Accounts
from qa.doors.entry import Entry, EntryError, entry_for
from qa.doors.tickets import Tickets
from qa.web import opening
from qa.web.arrival import Visitor
from qa.web.libraries import OwnLibraries, folder_of, own_libraries
from tests.qa.doors.conftest import PASSWORD, QUICK
from tests.serving import serving

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


def test_a_proxy_names_the_owner(tmp_path: Path) -> None:
    opened: list[str] = []

    def open_folder(folder: Path, _: object) -> Assistant:
        opened.append(folder.name)
        raise LibraryError("打不开 / cannot be opened")

    entry = entry_for("0.0.0.0", ["x.example"], accounts=tmp_path / "none", proxies=["127.0.0.1"], user_header="X-Remote-User")  # fmt: skip
    with serving(app.create_app(OwnLibraries(tmp_path, open_folder), entry)) as address:
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


def test_the_command_serves_a_library_each(bundled: Path, tmp_path: Path) -> None:
    parent, accounts = tmp_path / "libraries", Accounts(tmp_path / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD)
    shutil.copytree(bundled, parent / folder_of("li"))
    token = Tickets(accounts.kept).issue("li", "token")
    server = subprocess.Popen(
        [sys.executable, "-m", "qa", "serve", "--port", "0", "--login", "--own-libraries", "--library", parent,
         "--accounts", accounts.kept.file, "--logs", tmp_path / "logs"],
        cwd=Path(app.__file__).parent, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert server.stdout
        address = server.stdout.readline().split()[-1]
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
            while client.get("/api/health").json()["status"] != "ready":
                sleep(0.1)
            client.post("/library/add?name=茶.txt", content="喝茶与骨密度有关。".encode())
            assert [each["id"] for each in client.get("/api/sources").json()][2:] == ["茶"]
    finally:
        server.terminate()
        server.wait(20)
    assert [each.name for each in parent.iterdir()] == [folder_of("li")]


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
