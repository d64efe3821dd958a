"""Evaluation is plain data in, numbers out; small enough here to check by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa import Assistant, QuestionError
from qa.evaluate import auroc, evaluate, figures, gold_sentences, read_questions, table
from sources import bundled_reviews

OWN = Path(__file__).parents[2] / "benchmarks" / "questions.jsonl"


def test_auroc() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.5, 0.1], [0.5, 0.9]) == 0.125


def test_figures_of_four_questions(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    asked = [
        {"question": "BMI", "kind": "fact", "doc": "obesity", "section": "3", "key": "它有局限性"},
        {"question": "茶", "kind": "near", "doc": None, "section": None, "key": ""},
        {
            "turns": ["Wilson病成人的骨质疏松比例？", "那儿童呢？"],
            "doc": "liver",
            "gold": ["在儿童中占68%[29]"],
        },
        {"question": "你好", "kind": "chitchat", "doc": None, "section": None, "key": ""},
    ]
    lines = [json.dumps({"id": str(at), "lang": "zh", **each}) for at, each in enumerate(asked)]
    file.write_text("\n".join(lines), "utf-8")
    outcomes = evaluate(assistant, read_questions(file))
    found = figures(outcomes)
    assert found["hits"]["all"]["questions"] == 1
    assert found["hits"]["follow-up"]["questions"] == 1
    assert (found["refusal"]["unanswerable"], found["refusal"]["near"]) == (2, 1)
    assert found["fidelity"] == {"quotes": 40, "verified": 40}
    assert "quotes that verify | 40 of 40" in table(found)


def test_every_question_of_our_own_points_at_sentences() -> None:
    reviews = {review.id: review for review in bundled_reviews()}
    questions = read_questions(OWN)
    assert len(questions) >= 60
    assert len({asked.id for asked in questions}) == len(questions)
    for asked in questions:
        assert bool(gold_sentences(reviews, asked)) == asked.answerable


def test_a_gold_sentence_that_is_nowhere_is_said(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    row = {"id": "x", "question": "?", "lang": "zh", "kind": "fact", "doc": "liver"}
    file.write_text(json.dumps({**row, "section": "1", "key": "没有这句"}), "utf-8")
    with pytest.raises(QuestionError, match="x: "):
        evaluate(assistant, read_questions(file))
