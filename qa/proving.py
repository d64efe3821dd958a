"""A quote leaves the program only as it stands in its source: looked at once more, each time."""

from __future__ import annotations

from collections.abc import Sequence

from sources import Span
from sources.characters import is_layout, usual_form

from .errors import QuoteError


def prove(passage: Span, highlights: Sequence[Span]) -> None:
    """Raise QuoteError unless a passage is what its receipt points at, and its highlights its own.

    Every character shown must be the one that stands at its place among the file's characters, or
    that in its usual width, or layout. The text itself was checked against its hash when it was
    read from the library.
    """
    review = passage.review
    own = all(
        mark.review is review and passage.start <= mark.start < mark.end <= passage.end
        for mark in highlights
    )
    pointed = review.alignment.text_span(passage.raw_start, passage.raw_end)
    if not (own and highlights and pointed == (passage.start, passage.end) and _stands(passage)):
        raise QuoteError(
            f"{review.id}: 引文与原文不符，未予显示，请运行 `yuanwen check --repair` / a quote is not what stands "
            "in its source and is not shown; run `yuanwen check --repair`"
        )


def _stands(passage: Span) -> bool:
    review, at = passage.review, passage.start
    for start, end, raw in review.alignment.runs(passage.start, passage.end):
        shown, stands = review.text[start:end], review.raw[raw : raw + end - start]
        if start != at or not (shown == stands or _is_same(shown, stands)):
            return False
        at = end
    return at == passage.end


def _is_same(shown: str, stands: str) -> bool:
    return len(shown) == len(stands) and all(
        one == other or is_layout(one) or one == usual_form(other)
        for one, other in zip(shown, stands, strict=True)
    )
