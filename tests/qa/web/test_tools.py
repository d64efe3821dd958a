"""The endpoint for desktop assistants, spoken to by the protocol's own client."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp import Client

import app
from qa import Assistant
from qa.web.opening import Loader
from tests.serving import serving

from .conftest import QUESTION


@pytest.fixture(scope="module")
def endpoint(loader: Loader) -> Iterator[str]:
    with serving(app.create_app(loader, mcp=True)) as address:
        yield f"{address}/mcp"


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run it in a thread of its own: a browser that other tests drive may own this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, work).result()


def call(endpoint: str, tool: str, **arguments: Any) -> Any:
    async def called() -> Any:
        async with Client(endpoint) as client:
            return await client.call_tool(tool, arguments)

    return run(called)


def test_both_tools_are_offered(endpoint: str) -> None:
    async def listed() -> Any:
        async with Client(endpoint) as client:
            return await client.list_tools()

    assert {tool.name for tool in run(listed).tools} == {"ask", "open_passage"}


def test_an_answer_is_the_same_as_without_the_endpoint(endpoint: str, assistant: Assistant) -> None:
    result = call(endpoint, "ask", question=QUESTION, k=2)
    assert not result.is_error
    assert json.loads(result.content[0].text) == assistant.ask(QUESTION, k=2).as_dict()


def test_a_quote_is_opened_in_its_surroundings(endpoint: str, assistant: Assistant) -> None:
    quote = assistant.ask(QUESTION).quotes[0]
    receipt = quote.receipt()
    opened = call(
        endpoint,
        "open_passage",
        source=quote.review.id,
        raw_start=receipt.raw_start,
        raw_end=receipt.raw_end,
        around=1,
    ).structured_content
    assert opened["passage"] == quote.text
    assert opened["section"]["path"] == list(quote.review.section_path(quote.section))
    assert 2 <= len(opened["around"]) <= 3
    assert any(quote.text in paragraph["text"] for paragraph in opened["around"])


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [("ask", {"question": " "}, "问题是空的"), ("ask", {"question": "骨", "sources": ["gone"]}, "库中没有"),
     ("open_passage", {"source": "gone", "raw_start": 0, "raw_end": 1}, "库中没有"),
     ("open_passage", {"source": "liver-osteoporosis", "raw_start": 10**9, "raw_end": 10**9 + 1}, "凭据")],
)  # fmt: skip
def test_what_cannot_be_done_is_told(
    endpoint: str, tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = call(endpoint, tool, **arguments)
    assert result.is_error
    assert told in result.content[0].text


def test_a_missing_package_is_told_in_one_line(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "qa.web.tools", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    with pytest.raises(SystemExit, match=r"pip install 'yuanwen\[mcp\]'"):
        app.create_app(loader, mcp=True)


def test_there_is_no_endpoint_unless_asked_for(client: TestClient) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert client.post("/mcp", json=asked).status_code in (404, 405)
