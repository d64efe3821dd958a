"""Which sentences are highlighted, and in what order."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Hit
from index.units import Unit
from qa.select import AS_GOOD, select
from sources import Review, Span, read_bytes

TEXT = """# 骨

补充维生素D提高骨密度。但这一差异没有统计学意义。饮酒减少骨形成。

Vitamin D raised bone density. However, the difference was not significant. Alcohol reduces bone formation.
"""


@pytest.fixture(scope="module")
def reviews() -> list[Review]:
    return [
        read_bytes(TEXT.replace("骨密度", each).encode(), Path(f"{each}.md"))
        for each in ("骨密度", "骨量")
    ]


def hit(review: Review, words: str, score: float) -> Hit:
    span = next(each for each in review.sentences if words in each.text)
    passage = next(each for each in review.passages if span in each.sentences)
    within = (passage.section, span.start, span.end, passage.span.start, passage.span.end)
    return Hit(Unit(0, 0, review.id, *within, {review.id: review}), score, 0, 0, 0, 0, 0)


def highlights(found: list[Hit], k: int = 3) -> list[str]:
    return [quote.highlight for quote in select(found, k)]


def spans(found: list[Hit]) -> list[tuple[Span, ...]]:
    return [quote.highlights for quote in select(found, 9)]


@pytest.mark.parametrize("words", ["提高", "统计学"])
def test_a_claim_is_not_cut_from_what_takes_it_back(reviews: list[Review], words: str) -> None:
    assert highlights([hit(reviews[0], words, 1)]) == [
        "补充维生素D提高骨密度。但这一差异没有统计学意义。"
    ]


@pytest.mark.parametrize("words", ["raised", "significant"])
def test_nor_in_english(reviews: list[Review], words: str) -> None:
    ((first, second),) = spans([hit(reviews[0], words, 1)])
    assert first.text == "Vitamin D raised bone density."
    assert second.text == "However, the difference was not significant."


def test_a_sentence_that_stands_by_itself_is_all_there_is(reviews: list[Review]) -> None:
    assert highlights([hit(reviews[0], "饮酒", 1)]) == ["饮酒减少骨形成。"]


def test_no_sentence_is_quoted_twice(reviews: list[Review]) -> None:
    found = [hit(reviews[0], words, 1) for words in ("提高", "统计学", "饮酒")]
    assert [len(each) for each in spans(found)] == [2, 1]


@pytest.mark.parametrize(("below", "second"), [(AS_GOOD / 2, 1), (AS_GOOD * 2, 0)])
def test_another_review_that_says_nearly_as_well_comes_second(
    reviews: list[Review], below: float, second: int
) -> None:
    found = [
        hit(reviews[0], "饮酒", 1),
        hit(reviews[0], "Alcohol", 0.999),
        hit(reviews[1], "饮酒", 1 - below),
    ]
    quotes = select(found, 3)
    assert len(quotes) == 3
    assert quotes[1].review == reviews[second]


def test_k_quotes_at_most(reviews: list[Review]) -> None:
    found = [hit(reviews[0], words, 1) for words in ("饮酒", "Alcohol")]
    assert len(select(found, 1)) == 1
    assert select([], 3) == ()
