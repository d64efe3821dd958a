"""A review as the reader on the page opens it: a window of it, never the whole of a long one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sources import Review, Span, language

from .opening import Loader

AROUND = 30
"""Blocks sent on either side of a place; more follow as one scrolls."""
MAX_BLOCKS = 200
RAW_LINES, RAW_CHARACTERS = 30, 6000
"""Lines of the file, and at most so many characters, shown on either side of a highlight."""

Json = dict[str, Any]
GONE: Json = {"error": {"told": "gone"}}


class Block(NamedTuple):
    """A heading or a paragraph: its `[start, end)` in the text; `level` is 0 for a paragraph."""

    start: int
    end: int
    level: int


@lru_cache(maxsize=16)
def blocks(review: Review) -> tuple[Block, ...]:
    """Return every heading and paragraph of a review, in order."""
    headings = [
        Block(*part.heading, part.level)
        for part in review.sections
        if part.heading[0] < part.heading[1]
    ]
    return tuple(sorted([*headings, *(Block(*span, 0) for span in review.layout.paragraphs)]))


def read(loader: Loader, place: Any) -> Json:
    """Return the blocks around a text offset (`at`), with the outline, or from `first` to `last`."""
    review = _review(loader, place)
    if review is None:
        return GONE
    every, at, first, last = blocks(review), place.get("at"), place.get("first"), place.get("last")
    if isinstance(at, int):
        here = block_at(review, at)
        shown = (max(here - AROUND, 0), min(here + AROUND + 1, len(every)))
        return window(review, *shown) | {"outline": _outline(review)}
    if isinstance(first, int) and isinstance(last, int) and 0 <= first < last <= len(every):
        return window(review, first, min(last, first + MAX_BLOCKS))
    return GONE


def block_at(review: Review, at: int) -> int:
    """Return the index of the block that holds a text offset, or of the last one before it."""
    return max(bisect_right(blocks(review), at, key=lambda block: block.start) - 1, 0)


def _review(loader: Loader, place: Any) -> Review | None:
    named = place.get("review") if isinstance(place, dict) else None
    library = loader.assistant().library
    review = library.reviews.get(named) if isinstance(named, str) else None
    library.demand_unchanged([review] if review else [])
    return review


def _outline(review: Review) -> list[Json]:
    return [
        {"at": block.start, "level": block.level, **_words(review, block)}
        for block in blocks(review)
        if block.level
    ]


def _words(review: Review, block: Block) -> Json:
    text = review.text[block.start : block.end]
    return {"text": text, "lang": review.language if block.level else language(text)}


def window(review: Review, first: int, last: int) -> Json:
    """Return the blocks from `first` up to `last`, and the entries that their markers cite."""
    shown, cited = [], set()
    for block in blocks(review)[first:last]:
        section = review.section_at(block.start)
        is_entry = section is not None and review.sections[section].role == "references"
        cites = [] if is_entry else cites_within(Span(review, block.start, block.end))
        cited |= {entry for _, _, entries, _ in cites for entry in entries}
        told = {"at": block.start, "level": block.level, "cites": cites}
        shown.append(told | _words(review, block))
    entries = {
        str(entry.start): {
            "number": entry.marker,
            **_words(review, Block(entry.start, entry.end, 0)),
        }
        for entry in review.references
        if entry.start in cited
    }
    total = len(blocks(review))
    return {"total": total, "first": first, "blocks": shown, "references": entries}


def cites_within(span: Span) -> list[tuple[int, int, list[int], bool]]:
    """Return `[start, end)` of each marker in a span, counted from its start, with the text offsets
    of the entries that it means, none where the review lists none that is certain; and whether it
    is set as a superscript.
    """
    found: dict[tuple[int, int], list[int]] = {}
    for cited in span.review.cited(span.start, span.end):
        entries = found.setdefault((cited.start - span.start, cited.end - span.start), [])
        if cited.reference and cited.reference.start not in entries:
            entries.append(cited.reference.start)
    return [
        (start, end, entries, span.review.is_raised(span.start + start))
        for (start, end), entries in found.items()
    ]


def extracted(loader: Loader, place: Any) -> Json:
    """Return the file's own characters around the first of the `marks`, text spans."""
    review = _review(loader, place)
    marks = review and _spans(review, place.get("marks"))
    return raw_around(review, marks) if review and marks else GONE


def raw_around(review: Review, marks: Sequence[Span]) -> Json:
    """Return raw characters around the first mark, with what of them is marked or was set aside.

    All offsets, `start` included, where what is sent begins, are in the raw characters.
    """
    first, last = marks[0].raw_start, marks[0].raw_end
    start = max(_lines_before(review.raw, first), first - RAW_CHARACTERS, 0)
    end = min(_lines_after(review.raw, last), last + RAW_CHARACTERS)
    return {
        "start": start,
        "line": review.line_at(start),
        "raw": review.raw[start:end],
        "lang": review.language,
        "marks": [[mark.raw_start, mark.raw_end] for mark in marks],
        "aside": [
            [aside.raw_start, aside.raw_end]
            for aside in review.set_aside
            if aside.raw_start < end and aside.raw_end > start
        ],
    }


def _spans(review: Review, marks: Any) -> Sequence[Span]:
    """Return the spans that a visitor named, or none if one of them is not there."""
    whole = range(len(review.text) + 1)
    if not isinstance(marks, list):
        return ()
    for mark in marks:
        match mark:
            case [int(start), int(end)] if start in whole and end in whole and start < end:
                continue
        return ()
    return [Span(review, start, end) for start, end in marks]


def _lines_before(raw: str, at: int) -> int:
    for _ in range(RAW_LINES + 1):
        at = raw.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at + 1


def _lines_after(raw: str, at: int) -> int:
    for _ in range(RAW_LINES + 1):
        at = raw.find("\n", at) + 1
        if at == 0:
            return len(raw)
    return at
