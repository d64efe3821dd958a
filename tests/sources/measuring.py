"""How much of what is true of a made-up review its reader found."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sources import Review

from .papers import Paper, plain


@dataclass(frozen=True)
class Found:
    """Counts of one reading; `strange` are quotable sentences that the review does not hold."""

    sentences: int
    exact: int
    in_order: bool
    missing: list[str]
    strange: list[str]
    furniture: list[str]
    captions: tuple[int, int]
    rows: tuple[int, int]
    headings: tuple[int, int]
    superscripts: tuple[int, int]


def measure(paper: Paper, review: Review) -> Found:
    quoted = {"prose": [], "caption": [], "table": []}
    for passage in review.passages:
        for sentence in passage.sentences:
            quoted[review.sort_at(passage.span.start)].append(sentence.text)
    prose = quoted["prose"]
    places = {text: at for at, text in enumerate(prose)}
    found = [places[text] for text in paper.sentences if text in places]
    true = set(paper.sentences)
    strange = [text for text in prose if text not in true]
    aside = [paper.journal, paper.title, "脚注", "Footnote", *paper.authors]
    titles = [review.section_title(at) for at in range(len(review.sections))]
    raised = [review.raw[start:end] for start, end in review.superscripts]
    everything = [text for listed in quoted.values() for text in listed]
    return Found(
        len(paper.sentences),
        len(found),
        all(before < after for before, after in pairwise(found)),
        [text for text in paper.sentences if text not in places],
        strange,
        [text for text in everything if any(word in text for word in aside) or text.isdecimal()],
        _share(_tight(paper.captions), _tight(_whole(review, "caption"))),
        _share(paper.rows, quoted["table"]),
        _share(paper.headings, titles),
        _share(paper.raised, raised),
    )


def _whole(review: Review, sort: str) -> list[str]:
    return [
        review.text[each.start : each.end] for each in review.layout.floats if each.sort == sort
    ]


def _tight(texts: list[str]) -> list[str]:
    """Leave white space aside: a label stands apart from its words or not."""
    return ["".join(plain(text).split()) for text in texts]


def _share(true: list[str], found: list[str]) -> tuple[int, int]:
    left = list(found)
    right = 0
    for each in true:
        if each in left:
            left.remove(each)
            right += 1
    return right, len(true)
