"""The entries of a review's own bibliography, so that `[13]` and `(Smith, 2019)` can be looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from .characters import columns
from .entries import Entry, cut
from .fields import read_fields
from .layout import Layout
from .lines import BREAK, Line


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry: the number that cites it (None in a list without numbers), its place
    `[start, end)` in the text, and as CSL-JSON what can be read off it for certain.
    """

    marker: int | None
    start: int
    end: int
    csl: Mapping[str, Any] = field(default_factory=dict, hash=False)


def read_references(layout: Layout, raw: str) -> tuple[Reference, ...]:
    """Read the entries of the sections that hold references, in order.

    The lines of the file say where entries begin. Neighbours of one number (a Chinese work and its
    English rendering) are one entry.
    """
    return tuple(
        reference
        for section in layout.sections
        if section.role == "references" and section.start < section.end
        for reference in _listed(layout, raw, section.start, section.end)
    )


def counted(references: Sequence[Reference], cited: Set[int]) -> tuple[Reference, ...]:
    """Number the entries of a list without numbers by their places, if the prose cites by those.

    Word processors and web pages count entries without writing the numbers down. It is certain
    that they do only if every entry's number is cited, and none beyond the last.
    """
    if any(each.marker is not None for each in references):
        return tuple(references)
    if cited != set(range(1, len(references) + 1)):
        return tuple(references)
    return tuple(replace(each, marker=at) for at, each in enumerate(references, 1))


def _listed(layout: Layout, raw: str, start: int, end: int) -> list[Reference]:
    found: list[Reference] = []
    for entry in cut(_lines(layout, raw, start, end)):
        read = _reference(layout.text, entry)
        if found and read.marker is not None and read.marker == found[-1].marker:
            found[-1] = _together(found[-1], read)
        elif read.start < read.end:
            found.append(read)
    return found


def _reference(text: str, entry: Entry) -> Reference:
    words = text[entry.start : entry.end]
    start = entry.start + len(words) - len(words.lstrip())
    end = start + len(words.strip())
    return Reference(entry.number, start, end, read_fields(text[start:end]))


def _together(first: Reference, second: Reference) -> Reference:
    """Make one entry of two; its fields are certain only if both speak of the same pages."""
    same = [first.csl.get(key) == second.csl.get(key) for key in ("issued", "volume", "page")]
    whole = all(same) and "page" in first.csl
    return Reference(first.marker, first.start, second.end, first.csl if whole else {})


def _lines(layout: Layout, raw: str, start: int, end: int) -> list[Line]:
    """Cut the text `[start, end)` where the file breaks its lines; offsets are the text's."""
    lines: list[Line] = []
    first, before = start, -1
    indent = blank = 0
    for at in range(start, end):
        if layout.text[at].isspace():
            continue
        here = layout.alignment.raw(at)
        if at == start:
            indent = _indent(raw, here)
        else:
            gap = raw[before + 1 : here]
            breaks = BREAK.findall(gap)
            if breaks or here < before:  # set in another column, it may stand earlier in the file
                lines.append(_line(layout.text, first, at, indent, blank))
                first, blank = at, 0 if gap.strip() else len(breaks) - 1
                indent = _indent(raw, here)
        before = here
    return [*lines, _line(layout.text, first, end, indent, blank)]


def _indent(raw: str, at: int) -> int:
    return columns(raw[raw.rfind("\n", 0, at) + 1 : at])


def _line(text: str, start: int, end: int, indent: int, blank: int) -> Line:
    end = start + len(text[start:end].rstrip())
    return Line(start, end, text[start:end], indent, blank, new_page=False)
