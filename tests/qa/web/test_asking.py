"""One turn of a conversation on the page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qa import Assistant
from qa.web.asking import ask
from qa.web.opening import Loader

from .conftest import QUESTION


def turn(**more: Any) -> dict[str, Any]:
    return {"question": QUESTION, "history": [], "sources": None, **more}


def test_an_answer_carries_what_the_page_shows(loader: Loader, assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    shown = json.loads(json.dumps(ask(loader, turn())["answer"]))
    assert {**shown, "quotes": [], "nearest": []} == {
        **answer.as_dict(),
        "quotes": [],
        "nearest": [],
    }
    for quote, told in zip(
        (*answer.quotes, *answer.nearest), shown["quotes"] + shown["nearest"], strict=True
    ):
        assert told["text"] == quote.text
        assert told["citation"] == quote.citation()
        assert {name: told[name] for name in quote.as_dict()} == quote.as_dict() | {
            "references": told["references"]
        }
        assert all(told["text"][start:end].startswith("[") for start, end, *_ in told["cites"])
        review = assistant.library.reviews[told["place"]["review"]]
        assert [review.text[start:end] for start, end in told["place"]["marks"]] == [
            span.text for span in quote.highlights
        ]


@pytest.mark.parametrize(
    "sent",
    [None, "text", [], {}, turn(question=None), turn(question=["x"]), turn(history=None), turn(history=[1]),
     turn(history="x"), turn(sources="x"), turn(sources=[None])],
)  # fmt: skip
def test_whatever_is_sent_is_answered_in_one_line(loader: Loader, sent: Any) -> None:
    assert ask(loader, sent)["error"] == {"told": "unreadable"}


@pytest.mark.parametrize(
    ("sent", "told"),
    [(turn(question=" "), "问题是空的"), (turn(question="骨" * 2001), "问题太长"), (turn(sources=["gone"]), "gone: 库中没有")],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_told(loader: Loader, sent: Any, told: str) -> None:
    assert ask(loader, sent)["error"]["text"].startswith(told)


def test_no_review_chosen_is_told_apart_from_all(loader: Loader) -> None:
    assert ask(loader, turn(sources=[]))["error"] == {"told": "chooseOne"}
