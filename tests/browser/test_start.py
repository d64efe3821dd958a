"""Before the library is open, when it cannot be, and what leaves the machine: nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from index import LibraryError
from qa import Assistant
from qa.web.opening import Loader

from .acting import QUESTION, ask

Open = Callable[..., Any]


def test_nothing_leaves_the_machine(page: Any, address: str, sought: Path) -> None:
    """The requests of every page are watched by its fixture; here, what the server itself sought."""
    ask(page, QUESTION)
    assert not sought.exists()
    policy = httpx.get(address).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 400


def test_a_question_asked_while_the_library_opens_is_kept(
    open_page: Open, serve_here: Callable[..., str], assistant: Assistant
) -> None:
    opened = Event()

    def opener(progress: Callable[[str, int, int], None]) -> Assistant:
        progress("1/2 标题", 3, 4)
        opened.wait(60)
        return assistant

    page = open_page(serve_here(Loader(opener)))
    page.locator(".status .detail", has_text="1/2 标题 75%").wait_for()
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn .waiting", has_text="问题已记下").wait_for()
    opened.set()
    page.wait_for_selector(".turn article.quote")
    page.wait_for_selector(".picker")


def test_a_library_that_cannot_be_opened_is_told(
    open_page: Open, serve_here: Callable[..., str]
) -> None:
    def opener(_: object) -> Assistant:
        raise LibraryError("/tmp/x: 打不开 / cannot be opened")

    page = open_page(serve_here(Loader(opener)))
    page.locator(".line", has_text="打不开").wait_for()
    assert ask(page, QUESTION).locator(".line").inner_text() == "/tmp/x: 打不开"


def test_the_description_of_the_api_needs_nothing_from_elsewhere(
    open_page: Open, address: str
) -> None:
    page = open_page(address)
    page.goto(f"{address}/api/docs")
    page.get_by_role("heading", name="POST /api/ask").wait_for()
    for path in ("GET /api/sources", "GET /api/health"):
        assert page.get_by_role("heading", name=path).is_visible()
    assert page.get_by_role("heading", name="Receipt").is_visible()
