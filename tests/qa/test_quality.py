"""The quality table does not fall: floors a little under what `yuanwen evaluate` printed last."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Assistant
from qa.evaluate import evaluate, figures, read_questions
from sources import bundled_reviews

OWN = Path(__file__).parents[2] / "benchmarks" / "questions.jsonl"


def test_questions_of_our_own(assistant: Assistant) -> None:
    found = figures(evaluate(assistant, read_questions(OWN)))
    assert found["hits"]["all"]["hit@1"] >= 0.80
    assert found["hits"]["all"]["hit@3"] >= 0.91
    assert found["hits"]["all"]["hit@10"] >= 0.95
    assert found["hits"]["en"]["hit@1"] >= 0.73
    assert found["hits"]["follow-up"]["hit@1"] >= 0.68
    assert found["refusal"]["refused"] >= 0.80
    assert found["refusal"]["auroc"] >= 0.82
    assert found["fidelity"]["verified"] == found["fidelity"]["quotes"]


def gold() -> Iterator[str]:
    """Yield the gold sentences of the question files in the folder that `YUANWEN_GOLD` names."""
    folder = os.environ.get("YUANWEN_GOLD")
    if not folder:
        pytest.skip("YUANWEN_GOLD names no folder of questions with gold sentences")
    for file in sorted(Path(folder).glob("*.jsonl")):
        for line in filter(None, file.read_text("utf-8").split("\n")):
            yield from json.loads(line)["gold"]


def test_every_gold_sentence_stands_in_the_text_as_whole_sentences() -> None:
    def bare(text: str) -> str:
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

    sentences = [
        bare(sentence.text)
        for review in bundled_reviews()
        for passage in review.passages
        for sentence in passage.sentences
    ]
    lost = {each for each in gold() if bare(each) not in sentences}
    cut_short = {each for each in lost if any(text.endswith(bare(each)) for text in sentences)}
    assert lost == cut_short, "a gold sentence is not in the text"
    assert len(cut_short) <= 1, "gold sentences that lack the beginning of their sentence"
