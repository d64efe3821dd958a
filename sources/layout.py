"""From raw characters to readable text: lines sorted by what they are, then joined again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .alignment import Alignment
from .characters import language
from .furniture import furniture
from .headings import Heading, Headings, Role
from .joining import Joined
from .lines import Habits, Line, read_lines

REPAIR_VERSION = 2
"""Grows whenever the same raw text may give another repaired text; receipts carry it."""

_BULLET = re.compile(r"[-*+•●▪◦]\s+\S")
_ENTRY = re.compile(r"\[?(\d{1,4})[\].、]\s*\S|(\d{1,4})\s+[A-Z\u4e00-\u9fff]")
_STOP_WITHIN = re.compile(r"[。；！？]|[a-z]{2}[.!?]\s+[A-Z]")
_SEPARATORS = tuple(";；,，、-/")


@dataclass(frozen=True, slots=True)
class SetAside:
    """Raw characters `[raw_start, raw_end)` that are no part of the text, and why not."""

    raw_start: int
    raw_end: int
    reason: Literal["furniture", "foreign", "hyphen", "markup"]


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
class Layout:
    """A repaired text and what was read off its layout; all offsets but `set_aside` are in `text`.

    `paragraphs` are spans of prose, in order, each within one section.
    """

    text: str
    alignment: Alignment
    sections: tuple[Section, ...]
    paragraphs: tuple[tuple[int, int], ...]
    set_aside: tuple[SetAside, ...]


@dataclass
class _Part:
    heading: Heading | None
    role: Role
    line: Line | None = None
    paragraphs: list[list[tuple[int, int]]] = field(default_factory=list)


def repair(raw: str) -> Layout:
    """Repair the layout of a raw text; the same raw text always gives the same result."""
    lines = read_lines(raw)
    habits = Habits.of(lines)
    dropped = furniture(lines, habits)
    kept = [line for at, line in enumerate(lines) if at not in dropped]
    set_aside = [SetAside(lines[at].start, lines[at].end, "furniture") for at in dropped]
    parts = _parts(kept, habits)
    return _put_together(raw, parts, set_aside)


def _parts(lines: Sequence[Line], habits: Habits) -> list[_Part]:
    """Sort the lines into the parts of the document and the paragraphs of each part."""
    front = _front(lines, habits)
    titles = [[(line.start, line.end)] for line in lines[:front]]
    parts = [_Part(None, "front", paragraphs=titles), _Part(None, "body")]
    headings = Headings()
    before: Line | None = None
    for line in lines[front:]:
        closed = before is None or _is_closed(before, line, parts[-1], habits)
        heading = None
        if parts[-1].role == "references":
            heading = headings.read_in_references(line)
        elif closed:
            heading = _alone(headings, line, habits) or headings.label(line)
        if heading:
            parts.append(_Part(heading, heading.role, line))
            start = line.start + heading.end
            if start < line.end:
                parts[-1].paragraphs.append([(start, line.end)])
            before = line if start < line.end else None
            continue
        if before and _ends_without_heading(parts[-1], before, line, habits):
            parts.append(_Part(None, "body"))
        paragraphs = parts[-1].paragraphs
        if not paragraphs or (before and _starts_paragraph(parts[-1], before, line, habits)):
            paragraphs.append([])
        paragraphs[-1].append((line.start, line.end))
        before = line
    return parts


def _front(lines: Sequence[Line], habits: Habits) -> int:
    """Count the lines before the text proper: title, authors, where they work."""
    headings = Headings()
    for at, line in enumerate(lines):
        if headings.read(line) or headings.label(line):
            return at
        if line.ends_sentence or _STOP_WITHIN.search(line.folded):
            while at and _flows_on(lines[at - 1], lines[at], habits):
                at -= 1
            return at
    return len(lines)


def _flows_on(before: Line, line: Line, habits: Habits) -> bool:
    """Tell whether a line goes on with what the line before began."""
    if habits.is_apart(line):
        return False
    return (
        not habits.is_short(before)
        or before.folded.endswith(_SEPARATORS)
        or line.folded[0].islower()
    )


def _alone(headings: Headings, line: Line, habits: Habits) -> Heading | None:
    """Read a heading that has its line to itself."""
    may_be = habits.is_short(line) or habits.line_is_paragraph or not line.ends_sentence
    return headings.read(line) if may_be else None


def _is_closed(before: Line, line: Line, part: _Part, habits: Habits) -> bool:
    """Tell whether what stands above a line is complete, so that the line may be a heading."""
    if before.ends_sentence or part.role in ("keywords", "references"):
        return True
    return habits.is_apart(line) or (habits.is_short(before) and not habits.blank_within)


def _ends_without_heading(part: _Part, before: Line, line: Line, habits: Habits) -> bool:
    """Tell whether keywords or an abstract end here, and the text goes on under no heading."""
    if part.role == "keywords":
        return not before.shown.endswith(_SEPARATORS)
    if part.role == "abstract":
        spoken = language(before.folded)
        return before.ends_sentence and habits.is_short(before) and language(line.folded) != spoken
    return False


def _starts_paragraph(part: _Part, before: Line, line: Line, habits: Habits) -> bool:
    if part.role == "references":
        return bool(_ENTRY.match(line.folded))
    if _BULLET.match(line.folded) and not habits.blank_within:
        return True
    return habits.starts_paragraph(before, line)


def _put_together(raw: str, parts: Sequence[_Part], set_aside: list[SetAside]) -> Layout:
    joined = Joined(raw)
    sections: list[Section] = []
    paragraphs: list[tuple[int, int]] = []
    for part in parts:
        if part.role == "foreign":
            set_aside += [SetAside(*span, "foreign") for span in _raw_spans(part)]
        elif part.heading or part.paragraphs:
            heading, title = _put_heading(joined, part, set_aside)
            own = [_put_paragraph(joined, raw, pieces) for pieces in part.paragraphs]
            start, end = (own[0][0], own[-1][1]) if own else (len(joined), len(joined))
            level = part.heading.level if part.heading else 1
            number = part.heading.number if part.heading else None
            parent = _parent(sections, level)
            sections.append(Section(number, level, part.role, heading, title, start, end, parent))
            paragraphs += own
    set_aside += [SetAside(at, at + 1, "hyphen") for at in joined.hyphens]
    return Layout(
        "".join(joined.chars),
        Alignment.of(joined.offsets),
        tuple(sections),
        tuple(paragraphs),
        tuple(sorted(set_aside, key=lambda aside: aside.raw_start)),
    )


def _put_heading(
    joined: Joined, part: _Part, set_aside: list[SetAside]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Append a part's heading; return its text span and that of its title."""
    if not part.heading or not part.line:
        return (len(joined), len(joined)), (len(joined), len(joined))
    heading, line = part.heading, part.line
    joined.break_line(line.start - 1)
    if heading.markup:
        set_aside.append(SetAside(line.start, line.start + heading.markup, "markup"))
    title_start, end = line.start + heading.title, line.start + heading.end
    start, _ = joined.put([(line.start + heading.markup, title_start)], chinese=True)
    if len(joined) > start:
        joined.space(title_start - 1)
    chinese = language(line.folded[heading.title : heading.end]) == "zh"
    title = joined.put([(title_start, end)], chinese)
    return (start, title[1]), title


def _put_paragraph(joined: Joined, raw: str, pieces: list[tuple[int, int]]) -> tuple[int, int]:
    joined.break_line(pieces[0][0] - 1)
    chinese = language("".join(raw[start:end] for start, end in pieces)) == "zh"
    return joined.put(pieces, chinese)


def _parent(sections: Sequence[Section], level: int) -> int | None:
    above = (at for at in reversed(range(len(sections))) if sections[at].level < level)
    return next(above, None)


def _raw_spans(part: _Part) -> list[tuple[int, int]]:
    heading = [(part.line.start, part.line.end)] if part.line else []
    return heading + [(pieces[0][0], pieces[-1][1]) for pieces in part.paragraphs]
