"""Sentence by sentence: what every reader finds of reviews of which all is known.

`python -m benchmarks.reading` measures more of them and prints the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from sources import Review, read_bytes
from sources.characters import is_layout, usual_form

from .measuring import measure
from .papers import Paper, latin, paper
from .rendering import epub, html, jats, word
from .typesetting import pdf

MARKED: dict[str, Callable[[Paper], bytes]] = {
    "html": html,
    "epub": epub,
    "xml": jats,
    "docx": word,
}
SET: dict[str, Callable[[Paper], bytes]] = {
    "two columns": pdf,
    "two columns, ligatures": partial(pdf, ligatures=True),
    "one column": partial(pdf, columns=1),
}
CASES = [
    (made, language, raised, seed)
    for made in MARKED
    for language in ("en", "zh")
    for raised, seed in ((False, 11), (True, 12))
] + [
    (made, language, raised, seed)
    for made in SET
    for language in ("en", "zh")
    for raised, seed in ((False, 13), (True, 14))
]


def assert_nothing_is_lost(review: Review) -> None:
    """Every character of the raw text is in the text, once, or white space, or listed as aside.

    And a passage has the same sentences by itself as within the whole.
    """
    for passage in review.passages:
        assert review.sentences_of(passage.span) == passage.sentences
    layout, raw = review.layout, review.raw
    aside = {at for each in layout.set_aside for at in range(each.raw_start, each.raw_end)}
    kept = {at for at, char in enumerate(raw) if not is_layout(char) and at not in aside}
    words = [at for at, char in enumerate(layout.text) if not char.isspace()]
    places = [layout.alignment.raw(at) for at in words]
    assert sorted(places) == sorted(kept)
    assert all(
        layout.text[at] == usual_form(raw[place]) for at, place in zip(words, places, strict=True)
    )
    assert all(layout.alignment.text(place) == at for at, place in zip(words, places, strict=True))


def assert_is_found(true: Paper, review: Review) -> None:
    found = measure(true, review)
    assert found.missing == []
    assert found.strange == []
    assert found.furniture == []
    assert found.in_order
    for right, count in (found.captions, found.rows, found.headings, found.superscripts):
        assert right == count
    assert_nothing_is_lost(review)
    for sentence in review.sentences:
        assert review.alignment.text_span(sentence.raw_start, sentence.raw_end) == (
            sentence.start,
            sentence.end,
        )
    assert review.record.title == true.title
    assert not review.record.title_assigned
    assert_references_are_found(true, review)


def assert_references_are_found(true: Paper, review: Review) -> None:
    """Every marker of the prose finds the entry it means, and the entry is whole."""
    entries = ["".join(review.text[e.start : e.end].split()) for e in review.references]
    assert entries == ["".join(entry.split()) for entry in true.entries]
    cited = [each for span in review.sentences for each in review.cited(span.start, span.end)]
    assert [each.marker for each in cited] == true.cited
    assert all(each.reference == review.references[each.marker - 1] for each in cited)
    assert all(entry.csl["issued"] for entry in review.references)


@pytest.mark.parametrize(("made", "language", "raised", "seed"), CASES, ids=map(str, CASES))
def test_every_sentence_is_found(made: str, language: str, raised: bool, seed: int) -> None:
    true = paper(language, seed, raised)
    if made in MARKED:
        review = read_bytes(MARKED[made](true), Path(f"a.{made}"))
        if made in ("html", "xml"):
            record = review.record
            assert (record.journal, record.year, record.volume, record.issue, record.doi) == (
                true.journal,
                true.year,
                true.volume,
                true.issue,
                true.doi,
            )
        if made != "docx":
            assert review.record.authors == true.authors
    else:
        review = read_bytes(SET[made](true), Path("a.pdf"))
        assert review.record.doi == true.doi
        assert review.labels in (
            (),
            tuple(str(true.first_page + at) for at in range(len(review.pages))),
        )
    assert_is_found(true, review)


@pytest.mark.parametrize("made", ["html", "docx", "epub"])
@pytest.mark.parametrize(("language", "raised", "seed"), [("en", False, 43), ("zh", True, 46)])
def test_a_reference_list_that_the_program_numbers(
    made: str, language: str, raised: bool, seed: int
) -> None:
    """Without numbers of its own a list is counted, but only if every entry is cited."""
    true = paper(language, seed, raised, sections=6)
    true = replace(true, references=tuple(true.entries[: max(true.cited)]))
    assert_references_are_found(true, read_bytes(MARKED[made](true), Path(f"a.{made}")))
    more = replace(true, references=(*true.references, true.references[0]))
    review = read_bytes(MARKED[made](more), Path(f"a.{made}"))
    cited = [each for span in review.sentences for each in review.cited(span.start, span.end)]
    assert [each.marker for each in cited] == true.cited
    assert {each.reference for each in cited} == {None}


@pytest.mark.parametrize(("raised", "seed"), [(False, 15), (True, 16)])
def test_a_pdf_without_embedded_fonts(raised: bool, seed: int) -> None:
    true = latin(paper("en", seed, raised))
    review = read_bytes(pdf(true, times=True), Path("a.pdf"))
    assert_is_found(true, review)
    record = review.record
    assert (record.journal, record.year, record.volume) == (true.journal, true.year, true.volume)
