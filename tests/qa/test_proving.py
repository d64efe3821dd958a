"""No quote leaves that is not what stands in its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index import Library
from qa import Assistant
from qa.answer import Quote
from qa.cites import citing
from qa.errors import QuoteError
from sources import Review, Span, read_bytes
from sources.alignment import Alignment

from ..hashed import Hashed, write

TEXT = "骨密度降低 13 %，ＲＡＮＫＬ升高。\n骨 折风险增加。\n\nBone is lost."


@pytest.fixture
def review() -> Review:
    return read_bytes(TEXT.encode(), Path("a.txt"))


def quotes(review: Review) -> list[Quote]:
    return [
        Quote(passage.span, (sentence,), passage.section, 1.0)
        for passage in review.passages
        for sentence in passage.sentences
    ]


def test_what_stands_there_leaves(review: Review) -> None:
    assert len(quotes(review)) == 3
    for quote in quotes(review):
        quote.prove()
        assert quote.as_dict()["highlight"] == quote.highlight


@pytest.mark.parametrize(
    ("old", "new"), [("13", "31"), ("降低", "升高"), ("R", "Ｋ"), ("折", "质")]
)
def test_another_word_or_number_does_not(review: Review, old: str, new: str) -> None:
    changed = replace(review, layout=replace(review.layout, text=review.text.replace(old, new)))
    refused = []
    for quote in quotes(changed):
        try:
            quote.as_dict()
        except QuoteError as error:
            refused.append(str(error))
    assert len(refused) == 1
    assert "\n" not in refused[0]


def test_nor_does_a_place_that_is_another(review: Review) -> None:
    starts, raws = review.alignment.starts, review.alignment.raws
    moved = Alignment(starts, tuple(raw + 1 for raw in raws))
    changed = replace(review, layout=replace(review.layout, alignment=moved), raw=review.raw + "  ")
    with pytest.raises(QuoteError):
        quotes(changed)[0].prove()


def test_nor_a_highlight_beyond_its_passage(review: Review) -> None:
    first, last = quotes(review)[0], quotes(review)[-1]
    for marks in ((), last.highlights, (Span(review, first.passage.start, first.passage.start),)):
        with pytest.raises(QuoteError):
            replace(first, highlights=marks).prove()


def test_it_is_refused_where_answers_leave(tmp_path: Path) -> None:
    text = "骨密度降低 13 % [1]。骨折增加。\n\n参考文献\n[1] 张三. 骨质疏松[J]. 骨杂志, 2020, 1(2): 3-4."
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", text)])
    assistant = Assistant(library)
    assert assistant.ask("骨密度降低").nearest or assistant.ask("骨密度降低").quotes
    assert citing(library, "1")[0].quotes
    review = library.reviews["a"]
    false = replace(review, layout=replace(review.layout, text=review.text.replace("13", "31")))
    library.reviews._kept["a"] = false  # type: ignore[attr-defined]  # as memory gone bad would
    with pytest.raises(QuoteError):
        assistant.ask("骨密度降低")
    with pytest.raises(QuoteError):
        citing(library, "1")
