"""The line before the assistant as clients meet it, over HTTP and at every door."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client

import app
from qa import Answer, Assistant
from qa.web.line import MOST, Line
from qa.web.opening import Loader
from tests.serving import serving

from .conftest import QUESTION


class Held(Assistant):
    """An assistant that is held up until it is let go on; notes what it is asked."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.library)
        self.go_on = Event()
        self.asked: list[str] = []

    def ask(self, question: str, *rest: Any, **more: Any) -> Answer:
        self.asked.append(question)
        assert self.go_on.wait(30)
        return super().ask(question, *rest, **more)


@pytest.fixture
def held(assistant: Assistant) -> Iterator[Held]:
    held = Held(assistant)
    yield held
    held.go_on.set()


@pytest.fixture
def served(held: Held) -> Iterator[tuple[str, Line]]:
    loader = Loader(lambda _: held)
    loader.assistant()
    served = app.create_app(loader, mcp=True)
    with serving(served) as address:
        yield address, served.state.line


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def turn(question: str, session: str = "tab") -> dict[str, object]:
    return {"question": question, "history": [], "sources": None, "session": session}


def test_a_full_line_is_told_at_once_at_every_door(
    held: Held, served: tuple[str, Line], assistant: Assistant
) -> None:
    address, line = served
    with ThreadPoolExecutor(MOST) as people:
        asked = [
            people.submit(httpx.post, f"{address}/ask", json=turn(QUESTION, str(n)), timeout=60)
            for n in range(MOST)
        ]
        until(lambda: len(line) == MOST)
        for door, sent in (("ask", turn(QUESTION, "late")), ("api/ask", {"question": QUESTION})):
            refused = httpx.post(f"{address}/{door}", json=sent)
            assert refused.status_code == 503
            assert refused.json() == {"error": "忙，请稍后再试 / busy; try again in a moment"}
            assert int(refused.headers["Retry-After"]) > 0
        assert httpx.get(f"{address}/api/health").json()["status"] == "ready"
        assert len(httpx.get(f"{address}/api/sources").json()) == 2

        async def call() -> Any:
            async with Client(f"{address}/mcp") as client:
                return await client.call_tool("ask", {"question": QUESTION})

        with ThreadPoolExecutor(1) as thread:
            result = thread.submit(anyio.run, call).result()
        assert result.is_error
        assert "busy; try again" in result.content[0].text
        held.go_on.set()
        expected = assistant.ask(QUESTION).as_dict()
        for each in asked:
            told = each.result()
            assert told.status_code == 200
            assert told.json()["answer"]["confidence"] == pytest.approx(
                expected["confidence"], abs=1e-6
            )
            assert [quote["receipt"] for quote in told.json()["answer"]["quotes"]] == [
                quote["receipt"] for quote in expected["quotes"]
            ]
    assert len(line) == 0


@pytest.mark.parametrize("door", ["ask", "api/ask", "mcp"])
def test_whoever_goes_away_is_not_answered(held: Held, served: tuple[str, Line], door: str) -> None:
    address, line = served
    with ThreadPoolExecutor(line.at_once) as people:
        for n in range(line.at_once):
            people.submit(httpx.post, f"{address}/ask", json=turn("first", str(n)), timeout=60)
        until(lambda: len(held.asked) == line.at_once)
        body = {"question": "given up", "history": []}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        call |= {"params": {"name": "ask", "arguments": {"question": "given up"}}}
        leaver = leave_behind(address, door, call if door == "mcp" else body)
        until(lambda: len(line) == line.at_once + 1)
        leaver.close()
        until(lambda: len(line) == line.at_once)
        held.go_on.set()
    until(lambda: len(line) == 0)
    assert set(held.asked) == {"first"}


def leave_behind(address: str, door: str, body: object) -> socket.socket:
    """Send a request and return its connection, which brings no answer yet."""
    host, port = address.removeprefix("http://").split(":")
    sent = json.dumps(body).encode()
    head = f"POST /{door} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    head += f"Accept: application/json, text/event-stream\r\nContent-Length: {len(sent)}\r\n\r\n"
    connection = socket.create_connection((host, int(port)))
    connection.sendall(head.encode() + sent)
    return connection


def test_the_server_ends_what_it_has_begun_and_turns_the_rest_away(held: Held) -> None:
    loader = Loader(lambda _: held)
    loader.assistant()
    served = app.create_app(loader)
    line: Line = served.state.line
    with ThreadPoolExecutor(line.at_once + 2) as people:
        with serving(served) as address:
            asked = [
                people.submit(httpx.post, f"{address}/ask", json=turn("骨", str(n)), timeout=60)
                for n in range(line.at_once + 1)
            ]
            until(lambda: len(line) == line.at_once + 1 and len(held.asked) == line.at_once)
            people.submit(lambda: time.sleep(0.5) or held.go_on.set())
            began = time.monotonic()
        assert time.monotonic() - began < 8
        statuses = sorted(each.result().status_code for each in asked)
        assert statuses == [200] * line.at_once + [503]


def test_answers_do_not_wait_for_acknowledgements(served: tuple[str, Line]) -> None:
    address, _ = served
    with httpx.Client(base_url=address) as client:
        client.get("/api/health")
        times = []
        for _ in range(15):
            began = time.perf_counter()
            client.get("/api/health")
            times.append(time.perf_counter() - began)
    assert min(times) < 0.035
