"""From hits to quotes: which sentences are highlighted, in which passages, in what order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index import Hit
from sources import Span

from .answer import Quote

AS_GOOD = 0.05
"""How far below the first quote's score one from another review may lie and still come second."""

_TURNS = re.compile(
    r"\s*(但是?|然而|不过|可是|尽管如此|相反|反之|却|"
    r"(however|but|yet|nevertheless|nonetheless|conversely|in contrast|on the contrary)\b)",
    re.I,
)


def select(hits: Sequence[Hit], k: int) -> tuple[Quote, ...]:
    """Make quotes of the `k` best hits, each the least of its passage that answers.

    That is one sentence, with the one before it where it takes that back and the one after it
    that takes it back (`但`, `however`): a claim is not quoted without what it is limited by.
    Where another review says nearly as well what the first quote says, it comes second.
    """
    quotes: list[Quote] = []
    told: set[tuple[str, int]] = set()
    for hit in _both_sides(hits):
        if (hit.unit.review, hit.unit.start) in told:
            continue
        highlights = _whole_claim(hit)
        told |= {(span.review.id, span.start) for span in highlights}
        quotes.append(Quote(hit.passage, highlights, hit.section, hit.score))
        if len(quotes) == k:
            break
    return tuple(quotes)


def _both_sides(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Yield the hits in order, but second the best of another review if it is nearly as good."""
    second = next(
        (
            hit
            for hit in hits[1:]
            if hit.unit.review != hits[0].unit.review and hit.score >= hits[0].score - AS_GOOD
        ),
        None,
    )
    for at, hit in enumerate(hits):
        if hit is not second:
            yield hit
        if at == 0 and second:
            yield second


def _whole_claim(hit: Hit) -> tuple[Span, ...]:
    around = hit.span.review.sentences_of(hit.passage)
    if hit.span not in around:  # a sentence by other rules than this program's
        return (hit.span,)
    at = around.index(hit.span)
    first = at - 1 if at and _TURNS.match(hit.span.text) else at
    last = at + 2 if at + 1 < len(around) and _TURNS.match(around[at + 1].text) else at + 1
    return around[first:last]
