"""The entries of a review's own bibliography, so that `[13]` and `(Smith, 2019)` can be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .entries import cut
from .fields import read_fields
from .layout import Layout
from .lines import Line, read_lines


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

    The lines of the file say where entries begin; what was set aside from it belongs to none.
    Neighbours of one number (a Chinese work and its English rendering) are one entry.
    """
    found: list[Reference] = []
    for section in layout.sections:
        if section.role == "references" and section.start < section.end:
            for entry in cut(_lines(layout, raw, section.start, section.end)):
                span = _text_span(layout, entry.start, entry.end)
                if span:
                    read = Reference(entry.number, *span, read_fields(layout.text[slice(*span)]))
                    if found and read.marker is not None and read.marker == found[-1].marker:
                        found[-1] = _together(found[-1], read)
                    else:
                        found.append(read)
    return tuple(found)


def _together(first: Reference, second: Reference) -> Reference:
    """Make one entry of two; its fields are certain only if both speak of the same pages."""
    same = [first.csl.get(key) == second.csl.get(key) for key in ("issued", "volume", "page")]
    whole = all(same) and "page" in first.csl
    return Reference(first.marker, first.start, second.end, first.csl if whole else {})


def _lines(layout: Layout, raw: str, start: int, end: int) -> list[Line]:
    """Return the lines of the file that hold the text `[start, end)`, in raw offsets."""
    first, last = layout.alignment.raw(start), layout.alignment.raw(end - 1) + 1
    opening = raw.rfind("\n", 0, first) + 1
    if raw[opening:first].strip():  # the heading stands on the same line
        opening = first
    lines = [
        replace(line, start=line.start + opening, end=line.end + opening)
        for line in read_lines(raw[opening:last])
    ]
    dropped = [aside for aside in layout.set_aside if aside.reason in ("furniture", "foreign")]
    return [
        line
        for line in lines
        if line.start >= first
        and not any(aside.raw_start <= line.start < aside.raw_end for aside in dropped)
    ]


def _text_span(layout: Layout, raw_start: int, raw_end: int) -> tuple[int, int] | None:
    """Return the text `[start, end)` of what stands in a raw span, without space around it."""
    start, end = layout.alignment.text_from(raw_start), layout.alignment.text_from(raw_end)
    end = min(end, len(layout.text))
    while start < end and layout.text[start].isspace():
        start += 1
    while end > start and layout.text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
