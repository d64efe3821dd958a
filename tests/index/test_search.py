"""Terms, words, and vectors that are fair between languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.lexical import LexicalIndex
from index.terms import names, terms
from index.vectors import LanguageIndex, VectorIndex
from index.votes import Vote
from qa import Assistant


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("NF-κB受体", {"nf-κb", "nf", "κb", "受体"}),
        ("25-羟基维生素D", {"25-羟基维生素", "25", "d", "维生素"}),
        ("ＲANKL／OPG 比值", {"rankl/opg", "rankl", "opg", "比值"}),
        ("TNF－α、IL−6", {"tnf-α", "il-6"}),
        ("骨质疏松症", {"骨质疏松症", "骨质", "疏松"}),
        ("", set()),
    ],
)
def test_terms(text: str, held: set[str]) -> None:
    assert held <= set(terms(text))


def test_only_what_is_written_alike_in_any_language_is_a_name() -> None:
    assert names("Does IL-6 harm bone in Wilson disease?") == {"il-6", "il", "6", "wilson"}
    assert "nafld" in names("nafld患者骨折")
    assert names("骨折风险") == set()


def test_an_exact_name_comes_before_its_neighbours(tmp_path: Path) -> None:
    texts = ["IL-16升高", "IL-6升高", "IL-6R升高", "sRANKL", "RANKL", "RANK", "miR-21", "miR-210"]
    rows = [(id, id, text) for id, text in enumerate(texts)]
    index = LexicalIndex.create(tmp_path / "words").changed([], rows)
    for asked in ("IL-6", "RANKL", "RANK", "miR-21"):
        votes = [Vote(1.0, ((term,),)) for term in terms(asked)]
        best, _ = LexicalIndex.open(tmp_path / "words").search(votes, 1)[0]
        assert texts[best].startswith(asked)
        assert index.search(votes, 1)[0][0] == best


def test_a_question_of_no_term_finds_no_word(tmp_path: Path) -> None:
    index = LexicalIndex.create(tmp_path / "words").changed([], [(0, 0, "骨")])
    assert index.search({}, 5) == []


def test_what_a_language_has_in_common_does_not_count() -> None:
    chinese, english, topic = np.eye(3, dtype=np.float32)
    rows = np.stack([chinese, chinese + topic, english, english + topic])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    parts = {"zh": ([0, 1], rows[:2]), "en": ([2, 3], rows[2:])}
    index = VectorIndex(
        {name: LanguageIndex.build(2, 3, lambda part=part: [part]) for name, part in parts.items()},
        {name: part[1].mean(axis=0) for name, part in parts.items()},
    )
    asked = (english + 0.5 * topic) / np.linalg.norm(english + 0.5 * topic)
    found = [row for row, _ in index.search(asked.astype(np.float32), 4)]
    assert set(found[:2]) == {1, 3}


def test_an_english_question_finds_the_chinese_sentence(assistant: Assistant) -> None:
    hits = assistant.search("How long after liver transplantation does bone loss peak?", 3)
    assert any("3个月后达到最大" in hit.span.text for hit in hits)


def test_only_the_sources_asked_for(assistant: Assistant) -> None:
    hits = assistant.search("骨密度", 30, ["liver-osteoporosis"])
    assert {hit.span.review.id for hit in hits} == {"liver-osteoporosis"}
    assert len(hits) == 30
