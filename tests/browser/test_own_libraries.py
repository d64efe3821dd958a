"""Two people at one server, each with a library of his own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from qa.doors.accounts import Accounts
from qa.doors.entry import Entry
from qa.doors.tickets import Tickets
from qa.web.libraries import folder_of, own_libraries
from tests.qa.doors.conftest import PASSWORD, QUICK
from tests.serving import serving

from .acting import ask, choose_only, unfold
from .test_library import TEA, file

Visit = Callable[[str], Any]


@pytest.fixture
def visit(browser: Any, bundled: Path, tmp_path: Path) -> Iterator[Visit]:
    """Open the page as one of two readers: 王医生 was here before, 李医生 was not."""
    accounts = Accounts(tmp_path / "accounts.sqlite", QUICK)
    shutil.copytree(bundled, tmp_path / "libraries" / folder_of("王医生"))
    libraries = own_libraries(tmp_path / "libraries")
    contexts = []

    def visit(name: str) -> Any:
        accounts.add(name, PASSWORD)
        session = Tickets(accounts.kept).issue(name, "session")
        contexts.append(browser.new_context(locale="zh-CN"))
        contexts[-1].add_cookies([{"name": "yuanwen-session", "value": session, "url": address}])
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.goto(address)
        page.wait_for_selector(".picker", timeout=90_000)  # a first visit makes the library
        return page

    with serving(app.create_app(libraries, Entry(accounts=accounts))) as address:
        yield visit
        for context in contexts:
            context.close()


def test_a_reader_adds_to_his_own_and_nobody_else_sees_it(visit: Visit) -> None:
    pages = {name: visit(name) for name in ("王医生", "李医生")}
    for name, page in pages.items():
        page.get_by_role("button", name="文献库").click()
        page.locator(".reviews li").nth(1).wait_for()
        page.set_input_files(".drop input", [file("茶.txt", f"{name}说：{TEA}")])
        page.locator('.files li[data-outcome="added"]').wait_for()
        page.locator('.reviews [data-review="茶"]').wait_for()
        page.get_by_role("button", name="返回提问").click()
    for name, page in pages.items():
        choose_only(page, "茶")
        turn = ask(page, "喝茶的人骨密度高吗？")
        unfold(page)
        said = turn.inner_text()
        assert [each for each in pages if f"{each}说" in said] == [name]
    pages["王医生"].get_by_role("button", name="文献库").click()
    row = pages["王医生"].locator('.reviews [data-review="茶"]')
    row.get_by_role("button", name="移出文献库").click()
    row.get_by_role("button", name="确认移出").click()
    row.wait_for(state="detached")
    pages["李医生"].reload()
    pages["李医生"].get_by_role("button", name="文献库").click()
    pages["李医生"].locator('.reviews [data-review="茶"]').wait_for()
