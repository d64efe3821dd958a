"""Quotes saved from the page."""

from __future__ import annotations

from typing import Any

import pytest

from qa import Assistant
from qa.cite import export as export_quotes
from qa.web.asking import show
from qa.web.exporting import SUFFIXES, export
from qa.web.opening import Loader

from .conftest import QUESTION


@pytest.mark.parametrize("style", SUFFIXES)
def test_a_conversation_is_saved_in_every_style(
    loader: Loader, assistant: Assistant, style: str
) -> None:
    answers = [assistant.ask(question, k=2) for question in (QUESTION, "RANKL/OPG有什么作用？")]
    turns = [{"question": each.question, "quotes": show(each)["quotes"]} for each in answers]
    saved = export(loader, {"style": style, "turns": turns})
    assert saved["suffix"] == SUFFIXES[style]
    quotes = [quote for answer in answers for quote in answer.quotes]
    assert quotes
    if style == "markdown":
        assert saved["text"].count("\n> ") == len(quotes)
    else:
        assert saved["text"] == export_quotes(quotes, style)


def test_words_that_are_not_of_the_library_are_not_saved(
    loader: Loader, assistant: Assistant
) -> None:
    quote = show(assistant.ask(QUESTION))["quotes"][0]
    forged = {**quote, "receipt": {**quote["receipt"], "raw_start": 10**9}}
    asked = {"style": "ris", "turns": [{"question": "骨", "quotes": [forged]}]}
    assert "凭据" in export(loader, asked)["error"]["text"]


@pytest.mark.parametrize(
    "asked",
    [None, [], {}, {"style": "doc", "turns": []}, {"style": "ris", "turns": "x"}, {"style": "ris", "turns": [None]},
     {"style": ["ris"], "turns": []}, {"style": "ris", "turns": [{}]}, {"style": "ris", "turns": [{"quotes": [1]}]}],
)  # fmt: skip
def test_whatever_is_sent_is_answered_in_one_line(loader: Loader, asked: Any) -> None:
    assert set(export(loader, asked)) == {"error"}
