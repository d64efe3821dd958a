"""Sorting: which drafts are titles, headings, entries, by size, weight, number and words."""

from __future__ import annotations

from collections.abc import Sequence

from ...headings import Heading, Headings
from ...lines import Line
from .drafts import Body, Draft
from .rows import line_of

_LARGER = 1.08
_SMALL = 0.96
_TITLE = 1.2
_MAX_HEADING_ROWS = 3
_MAX_HEADING_CHARS = 200
_FRONT_PAGES = 2


def sort_out(found: Sequence[Draft], body: Body) -> None:
    """Tell headings, front matter and reference entries from paragraphs."""
    prose = [draft for draft in found if draft.kind == "paragraph"]
    start = _front(prose, body)
    headings = Headings()
    levels: dict[tuple[float, bool], int] = {}
    in_references = False
    for at, draft in enumerate(prose):
        line = line_of(draft.text)
        heading = _heading(headings, draft, line, body, in_references, at < start)
        if heading:
            in_references = heading.role == "references"
            draft.kind = "heading"
            draft.level = _level(draft, heading, levels)
        elif at < start and not headings.label(line) and _is_front(draft, body):
            draft.kind = "front"
        elif in_references:
            draft.kind = "entry"


def title(found: Sequence[Draft], body: Body) -> Draft | None:
    """Return the title: the one draft of the largest size on the first page, if it stands out."""
    first = [draft for draft in found if draft.rows[0].page == 0 and draft.kind == "front"]
    largest = max((draft.size for draft in first), default=0.0)
    if largest < _TITLE * body.size:
        return None
    largest_of_all = [draft for draft in first if draft.size > 0.97 * largest]
    return largest_of_all[0] if len(largest_of_all) == 1 else None


def _front(prose: Sequence[Draft], body: Body) -> int:
    """Count the drafts of the front matter, abstracts and keywords among them."""
    headings = Headings()
    end = 0
    for at, draft in enumerate(prose):
        if draft.rows[0].page >= _FRONT_PAGES:
            break
        line = line_of(draft.text)
        named = headings.named(line) if len(draft.rows) == 1 else None
        if headings.label(line) or (named and named.role in ("abstract", "keywords")):
            end = at + 1
        elif (named and named.role == "body") or (end and headings.read(line)):
            break
    headings = Headings()
    for at in range(end, len(prose)):
        if _is_prose(prose[at], body) or headings.read(line_of(prose[at].text)):
            before = prose[at - 1] if at else None
            opens = at > end + 1 and before is not None and _stands_out(before, body)
            return at - 1 if opens and _is_prose(prose[at], body) else at
    return end


def _is_prose(draft: Draft, body: Body) -> bool:
    return draft.ends_sentence and len(draft.rows) > 1 and draft.size >= _SMALL * body.size


def _is_front(draft: Draft, body: Body) -> bool:
    return (
        not draft.ends_sentence
        or draft.size < _SMALL * body.size
        or draft.size > _LARGER * body.size
        or draft.rows[0].starts_raised
    )


def _heading(
    headings: Headings, draft: Draft, line: Line, body: Body, in_references: bool, is_front: bool
) -> Heading | None:
    if len(draft.rows) > _MAX_HEADING_ROWS or len(line.folded) > _MAX_HEADING_CHARS:
        return None
    named = headings.named(line)
    if named or draft.ends_sentence:
        return named
    if is_front or (in_references and not _stands_out(draft, body)):
        return None
    stands_out = _stands_out(draft, body)
    read = headings.read(line) if len(draft.rows) <= 2 or stands_out else None
    return read or (headings.of(line.folded, 0) if stands_out else None)


def _stands_out(draft: Draft, body: Body) -> bool:
    return any(map(str.isalpha, draft.text)) and (
        draft.size > _LARGER * body.size or (draft.bold and draft.size >= _SMALL * body.size)
    )


def _level(draft: Draft, heading: Heading, levels: dict[tuple[float, bool], int]) -> int:
    """Return a heading's depth: its number's, else that of others set alike, else by its size."""
    style = (round(draft.size, 1), draft.bold)
    if heading.number:
        level = heading.level or heading.number.count(".") + 1
        levels[style] = min(level, levels.get(style, level))
        return level
    if style not in levels:
        above = [level for other, level in levels.items() if other > style]
        levels[style] = heading.level or max(above, default=0) + 1
    return levels[style]
