"""The HTTP API: typed, described, and closed to other sites."""

from __future__ import annotations

import json
from threading import Event

import pytest
from fastapi.testclient import TestClient

import app
from index.progress import Progress
from qa import Assistant
from qa.web import api
from qa.web.opening import Loader

from .conftest import QUESTION


def test_an_answer_is_the_json_that_is_documented(client: TestClient, assistant: Assistant) -> None:
    for question, sources in ((QUESTION, None), ("今天上海的股市涨了吗？", ["liver-osteoporosis"])):
        told = client.post("/api/ask", json={"question": question, "sources": sources, "k": 2})
        assert told.status_code == 200
        assert told.json() == assistant.ask(question, sources=sources, k=2).as_dict()


def test_a_follow_up_carries_over_what_was_asked(client: TestClient, assistant: Assistant) -> None:
    told = client.post("/api/ask", json={"question": "那K2呢？", "history": [QUESTION]}).json()
    assert told["read_as"] == assistant.ask("那K2呢？", [QUESTION]).read_as != "那K2呢？"


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [({"question": " "}, 400, "问题是空的"), ({"question": "骨" * 2001}, 400, "问题太长"), ({"question": "骨", "k": 0}, 400, "k 应在"),
     ({"question": "骨", "sources": ["gone"]}, 400, "gone: 库中没有"), ({}, 422, ""), ({"question": 3}, 422, ""),
     ({"question": "骨", "history": "x"}, 422, "")],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(
    client: TestClient, sent: object, status: int, told: str
) -> None:
    answer = client.post("/api/ask", json=sent)
    assert answer.status_code == status
    if told:
        assert answer.json()["error"].startswith(told)


def test_the_sources_are_listed(client: TestClient) -> None:
    listed = client.get("/api/sources").json()
    assert [each["id"] for each in listed] == ["obesity-osteoporosis", "liver-osteoporosis"]
    assert listed[0]["title_assigned"] is True


def test_nothing_is_answered_until_the_library_is_open(assistant: Assistant) -> None:
    opened = Event()

    def opener(_: Progress) -> Assistant:
        assert opened.wait(60)
        return assistant

    with TestClient(app.create_app(Loader(opener)), base_url="http://127.0.0.1") as client:
        for answer in (
            client.post("/api/ask", json={"question": "骨"}),
            client.get("/api/sources"),
        ):
            assert answer.status_code == 503
            assert "还在打开" in answer.json()["error"]
        assert client.get("/api/health").json()["status"] == "loading"
        opened.set()


def test_the_api_describes_itself_and_nothing_else(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    assert set(described["paths"]) == {"/api/ask", "/api/sources", "/api/health"}
    assert {"Answer", "Quote", "Receipt", "Listed", "Health"} <= set(
        described["components"]["schemas"]
    )
    assert client.get("/api/docs").status_code == 200
    for path in ("/api/docs", "/page/api.js", "/page/api.css"):
        assert "//" not in client.get(path).text.replace("// ", "").replace("http://", "")


def test_a_file_is_added_step_by_step(own_loader: Loader) -> None:
    with TestClient(app.create_app(own_loader), base_url="http://127.0.0.1") as client:
        own_loader.assistant()
        sent = client.post("/library/add", params={"name": "茶.txt"}, content="喝茶。".encode())
        *steps, last = map(json.loads, sent.text.splitlines())
        assert steps
        assert last["taken"][0]["added"]["id"] == "茶"


def test_a_file_that_is_too_large_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAX_FILE", 100)
    sent = client.post("/library/add", params={"name": "x.txt"}, content=b"x" * 101)
    assert sent.status_code == 413
    assert "yuanwen add" in sent.json()["error"]["text"]


def test_another_sites_page_gives_no_orders(client: TestClient) -> None:
    for path in ("/library/add?name=x.txt", "/api/ask", "/gradio_api/queue/join"):
        sent = client.post(path, content=b"x", headers={"Origin": "http://evil.example"})
        assert sent.status_code == 403
    own = {"Origin": "http://127.0.0.1:7860"}
    assert client.post("/api/ask", json={"question": "骨"}, headers=own).status_code == 200
