"""The page as a person meets it: a real server, the real weights, a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import app
from benchmarks.load import server
from index import Library, default_encoder
from qa import Assistant
from tests.serving import serving

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHROMIUM = shutil.which("chromium", path=f"/usr/bin:{os.environ.get('PATH', '')}")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Serves a library, and writes down every address outside this machine that is sought.
SERVER = """
import sys
from pathlib import Path

library, sought = map(Path, sys.argv[1:])
SOUGHT = ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect")

def note(event, args):
    if event in SOUGHT:
        host = args[1] if event == "socket.connect" else args[0]
        host = host[0] if isinstance(host, tuple) else host
        if str(host) not in ("None", "localhost", "127.0.0.1", "::1", "0.0.0.0"):
            with sought.open("a") as file:
                print(event, host, file=file)

sys.addaudithook(note)
import app

app.serve(port=0, library=library)
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The installed Chromium; without one these tests are skipped, or fail where it is required."""
    if CHROMIUM is None:
        tell = pytest.fail if os.environ.get("YUANWEN_REQUIRE_BROWSER") == "1" else pytest.skip
        tell("no Chromium: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def library(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the bundled reviews, a hostile text and one with characters beyond UTF-16."""
    folder = shutil.copytree(bundled, tmp_path_factory.mktemp("browser") / "library")
    library = Library(folder, default_encoder())
    library.add([HERE / "hostile.txt", HERE / "astral.txt"])
    library.close()
    return folder


@pytest.fixture(scope="session")
def assistant(library: Path) -> Assistant:
    """What the server answers, without the page."""
    return Assistant.open(library)


@pytest.fixture(scope="session")
def sought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the server writes down the addresses it sought outside this machine."""
    return tmp_path_factory.mktemp("server") / "sought.txt"


@pytest.fixture(scope="session")
def address(browser: Any, library: Path, sought: Path) -> Iterator[str]:
    """The address of a server that is ready."""
    with server(library, SERVER, str(sought)) as (address, _):
        yield address


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a context of its own; nothing may go wrong or leave the machine there."""
    contexts, seen = [], []

    def open_page(address: str, **settings: Any) -> Any:
        settings = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 860}, **settings}
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: seen.append(f"error: {error}"))
        page.on(
            "dialog", lambda dialog: (seen.append(f"dialog: {dialog.message}"), dialog.dismiss())
        )
        page.on(
            "request", lambda request: seen.append(request.url) if leaves(request.url) else None
        )
        page.goto(address)
        page.wait_for_selector("#question textarea")
        page.wait_for_selector(".status", state="attached")
        return page

    def leaves(url: str) -> bool:
        return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))

    yield open_page
    for context in contexts:
        context.close()
    assert seen == []


@pytest.fixture
def page(open_page: Callable[..., Any], address: str) -> Any:
    """The page, its library ready."""
    page = open_page(address)
    page.wait_for_selector(".picker")
    return page


@pytest.fixture
def serve_here() -> Iterator[Callable[..., str]]:
    """Serve a loader from this process, for what a server of its own cannot be made to do."""
    with ExitStack() as stack:
        yield lambda loader: stack.enter_context(serving(app.create_app(loader)))
