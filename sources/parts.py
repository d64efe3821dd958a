"""From lines or blocks to the parts of a document: headings, and the paragraphs under each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .characters import language
from .headings import Heading, Headings, Role
from .lines import Habits, Line

_BULLET = re.compile(r"[-*+•●▪◦]\s+\S")
_ENTRY = re.compile(r"\[?(\d{1,4})[\].、]\s*\S|(\d{1,4})\s+[A-Z\u4e00-\u9fff]")
_STOP_WITHIN = re.compile(r"[。；！？]|[a-z]{2}[.!?]\s+[A-Z]")
_SEPARATORS = tuple(";；,，、-/")

Pieces = list[tuple[int, int]]
Sort = Literal["prose", "caption", "table"]
"""What a paragraph is; those that are no prose stand apart from it."""


@dataclass
class Paragraph:
    """Raw spans that make one paragraph; of a table, its cells."""

    pieces: Pieces
    sort: Sort = "prose"


@dataclass
class Part:
    """A heading and what stands under it; both are raw spans.

    `markup` is what only says that this is a heading (`## `), `number` and `title` its pieces.
    """

    heading: Heading | None
    role: Role
    markup: tuple[int, int] | None = None
    number: Pieces = field(default_factory=list)
    title: Pieces = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)

    @classmethod
    def headed(cls, heading: Heading, line: Line) -> Part:
        """Begin a part with the heading that a line is or opens with."""
        at, title, end = (
            line.start + each for each in (heading.markup, heading.title, heading.end)
        )
        markup = (line.start, at) if heading.markup else None
        return cls(heading, heading.role, markup, [(at, title)], [(title, end)])


def parts_of_lines(lines: Sequence[Line], habits: Habits) -> list[Part]:
    """Sort the lines into the parts of the document and the paragraphs of each part."""
    front = _front(lines, habits)
    titles = [Paragraph([(line.start, line.end)]) for line in lines[:front]]
    parts = [Part(None, "front", paragraphs=titles), Part(None, "body")]
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
            parts.append(Part.headed(heading, line))
            start = line.start + heading.end
            if start < line.end:
                parts[-1].paragraphs.append(Paragraph([(start, line.end)]))
            before = line if start < line.end else None
            continue
        if before and _ends_without_heading(parts[-1], before, line, habits):
            parts.append(Part(None, "body"))
        paragraphs = parts[-1].paragraphs
        if not paragraphs or (before and _starts_paragraph(parts[-1], before, line, habits)):
            paragraphs.append(Paragraph([]))
        paragraphs[-1].pieces.append((line.start, line.end))
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


def _is_closed(before: Line, line: Line, part: Part, habits: Habits) -> bool:
    """Tell whether what stands above a line is complete, so that the line may be a heading."""
    if before.ends_sentence or part.role in ("keywords", "references"):
        return True
    return habits.is_apart(line) or (habits.is_short(before) and not habits.blank_within)


def _ends_without_heading(part: Part, before: Line, line: Line, habits: Habits) -> bool:
    """Tell whether keywords or an abstract end here, and the text goes on under no heading."""
    if part.role == "keywords":
        return not before.shown.endswith(_SEPARATORS)
    if part.role == "abstract":
        spoken = language(before.folded)
        return before.ends_sentence and habits.is_short(before) and language(line.folded) != spoken
    return False


def _starts_paragraph(part: Part, before: Line, line: Line, habits: Habits) -> bool:
    if part.role == "references":
        return bool(_ENTRY.match(line.folded))
    if _BULLET.match(line.folded) and not habits.blank_within:
        return True
    return habits.starts_paragraph(before, line)
