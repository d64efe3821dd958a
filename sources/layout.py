"""From raw characters to readable text: lines or blocks sorted by what they are, joined again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .alignment import Alignment
from .characters import language
from .extract import Block
from .furniture import furniture
from .headings import Role
from .joining import Joined
from .lines import Habits, read_lines
from .outline import parts_of_blocks
from .parts import Paragraph, Part, Sort, parts_of_lines

REPAIR_VERSION = 2
"""Grows whenever the same raw text may give another repaired text; receipts carry it."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Raw characters `[raw_start, raw_end)` that are no part of the text, and why not."""

    raw_start: int
    raw_end: int
    reason: Literal["furniture", "footnote", "hidden", "foreign", "hyphen", "markup"]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a review: its heading, its own prose `[start, end)`, its place in the outline.

    `heading` and `title` are text spans, empty where the part has no heading. `parent` is an
    index into the review's sections. The prose ends where the first subsection begins.
    """

    number: str | None
    level: int
    role: Role
    heading: tuple[int, int]
    title: tuple[int, int]
    start: int
    end: int
    parent: int | None


@dataclass(frozen=True, slots=True)
class Float:
    """A paragraph `[start, end)` of the text that is no prose; a table's rows are its lines."""

    start: int
    end: int
    sort: Sort


@dataclass(frozen=True, slots=True)
class Layout:
    """A repaired text and what was read off its layout; all offsets but `set_aside` are in `text`.

    `paragraphs` are spans, in order, each within one section; those of them that are captions or
    tables are `floats`.
    """

    text: str
    alignment: Alignment
    sections: tuple[Section, ...]
    paragraphs: tuple[tuple[int, int], ...]
    set_aside: tuple[SetAside, ...]
    floats: tuple[Float, ...] = ()


def repair(raw: str, blocks: Sequence[Block] = ()) -> Layout:
    """Repair the layout of a raw text; the same text and blocks always give the same result.

    Where a reader knows the blocks of a document they are kept as they are; else the lines show
    what is a heading, a paragraph, page furniture.
    """
    if blocks:
        return _put_together(raw, parts_of_blocks(raw, blocks), _aside(blocks))
    lines = read_lines(raw)
    habits = Habits.of(lines)
    dropped = furniture(lines, habits)
    kept = [line for at, line in enumerate(lines) if at not in dropped]
    set_aside = [SetAside(lines[at].start, lines[at].end, "furniture") for at in dropped]
    return _put_together(raw, parts_of_lines(kept, habits), set_aside)


def _aside(blocks: Sequence[Block]) -> list[SetAside]:
    return [
        SetAside(*piece, block.kind)
        for block in blocks
        if block.kind in ("furniture", "footnote", "hidden")
        for piece in block.pieces
    ]


def _put_together(raw: str, parts: Sequence[Part], set_aside: list[SetAside]) -> Layout:
    joined = Joined(raw)
    sections: list[Section] = []
    paragraphs: list[tuple[int, int]] = []
    floats: list[Float] = []
    for part in parts:
        if part.role == "foreign":
            set_aside += [SetAside(*span, "foreign") for span in _raw_spans(part)]
        elif part.heading or part.paragraphs:
            heading, title = _put_heading(joined, part, set_aside)
            own = [_put_paragraph(joined, raw, paragraph) for paragraph in part.paragraphs]
            start, end = (own[0][0], own[-1][1]) if own else (len(joined), len(joined))
            level = part.heading.level if part.heading else 1
            number = part.heading.number if part.heading else None
            parent = _parent(sections, level)
            sections.append(Section(number, level, part.role, heading, title, start, end, parent))
            paragraphs += own
            floats += [
                Float(*span, paragraph.sort)
                for span, paragraph in zip(own, part.paragraphs, strict=True)
                if paragraph.sort != "prose"
            ]
    set_aside += [SetAside(at, at + 1, "hyphen") for at in joined.hyphens]
    return Layout(
        "".join(joined.chars),
        Alignment.of(joined.offsets),
        tuple(sections),
        tuple(paragraphs),
        tuple(sorted(set_aside, key=lambda aside: aside.raw_start)),
        tuple(floats),
    )


def _put_heading(
    joined: Joined, part: Part, set_aside: list[SetAside]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Append a part's heading; return its text span and that of its title."""
    if not part.heading:
        return (len(joined), len(joined)), (len(joined), len(joined))
    joined.break_line((part.markup or part.number[0])[0] - 1)
    if part.markup:
        set_aside.append(SetAside(*part.markup, "markup"))
    start, _ = joined.put(part.number, chinese=True)
    if len(joined) > start:
        joined.space(part.title[0][0] - 1)
    title = joined.put(part.title, _is_chinese(joined.raw, part.title))
    return (start, title[1]), title


def _put_paragraph(joined: Joined, raw: str, paragraph: Paragraph) -> tuple[int, int]:
    pieces = paragraph.pieces
    joined.break_line(pieces[0][0] - 1)
    if paragraph.sort != "table":
        return joined.put(pieces, _is_chinese(raw, pieces))
    start = len(joined)
    for at, cell in enumerate(pieces):
        if at:
            ends_row = "\n" in raw[pieces[at - 1][1] : cell[0]]
            (joined.break_line if ends_row else joined.space)(cell[0] - 1)
        joined.put([cell], _is_chinese(raw, [cell]))
    return start, len(joined)


def _is_chinese(raw: str, pieces: Sequence[tuple[int, int]]) -> bool:
    return language("".join(raw[start:end] for start, end in pieces)) == "zh"


def _parent(sections: Sequence[Section], level: int) -> int | None:
    above = (at for at in reversed(range(len(sections))) if sections[at].level < level)
    return next(above, None)


def _raw_spans(part: Part) -> list[tuple[int, int]]:
    heading = [(part.number[0][0], part.title[-1][1])] if part.heading else []
    return heading + [
        (paragraph.pieces[0][0], paragraph.pieces[-1][1]) for paragraph in part.paragraphs
    ]
