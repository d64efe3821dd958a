"""The entries of a review's own bibliography, so that `[13]` can be looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .layout import Layout

_NUMBER = re.compile(r"[\[(]?\s*(\d{1,4})\s*[\]).、]?\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class Reference:
    """One numbered entry: the marker that cites it and its place `[start, end)` in the text."""

    marker: int
    start: int
    end: int


def numbered_references(layout: Layout) -> tuple[Reference, ...]:
    """Read the numbered entries of the sections that hold references.

    An entry counts only if its number follows the last one, so that a year which opens a wrapped
    line is not taken for a number.
    """
    found: list[Reference] = []
    for start, end in _reference_paragraphs(layout):
        number = _NUMBER.match(layout.text, start, end)
        if number and int(number[1]) == (found[-1].marker + 1 if found else 1):
            found.append(Reference(int(number[1]), number.end(), end))
        elif found:
            found[-1] = Reference(found[-1].marker, found[-1].start, end)
    return tuple(found)


def _reference_paragraphs(layout: Layout) -> Sequence[tuple[int, int]]:
    spans = [(part.start, part.end) for part in layout.sections if part.role == "references"]
    return [
        paragraph
        for paragraph in layout.paragraphs
        if any(start <= paragraph[0] < end for start, end in spans)
    ]
