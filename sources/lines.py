"""The lines of a raw text, as a reader would see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median, quantiles

from .characters import CLOSING, STOPS, columns, is_layout, usual_form

BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MARKERS = re.compile(r"(\[[\d\s,，、;；~\-–—]+\]\s*)+$")


@dataclass(frozen=True)
class Line:
    """One line that is not blank: `[start, end)` in the raw text, without the space around it.

    `folded` is that raw text with full-width forms made usual, character for character, so that
    an offset in it is an offset from `start`. `blank_before` counts the blank lines above,
    `new_page` says whether a form feed stands between this line and the one before.
    """

    start: int
    end: int
    folded: str
    indent: int
    blank_before: int
    new_page: bool

    @cached_property
    def shown(self) -> str:
        """The line with its white space made single."""
        return " ".join(self.folded.split())

    @cached_property
    def width(self) -> int:
        """The printed width in columns."""
        return columns(self.shown)

    @cached_property
    def ends_sentence(self) -> bool:
        """Whether the line closes with a full stop, leaving aside quotation marks and markers."""
        bare = _MARKERS.sub("", self.shown).rstrip("".join(CLOSING))
        return bool(bare) and bare[-1] in STOPS


@dataclass(frozen=True, slots=True)
class Habits:
    """How a document sets its lines: what a gap between two of them is worth as evidence.

    `full_width` is the width of a full line in columns, `usual_gap` the number of blank lines
    between two lines, `blank_within` says that blank lines also stand inside sentences (a PDF
    extraction), `line_is_paragraph` that no line is wrapped.
    """

    full_width: int
    usual_gap: int
    blank_within: bool
    line_is_paragraph: bool

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Habits:
        """Read the habits off the lines."""
        if len(lines) < 2:
            return cls(80, 0, False, True)
        widths = [line.width for line in lines]
        gaps = [line.blank_before for line in lines[1:]]
        apart = [before.ends_sentence for before, line in pairwise(lines) if line.blank_before]
        prose = [line for line in lines if line.width > 40] or lines[:-1]
        return cls(
            full_width=round(quantiles(widths, n=4)[2]),
            usual_gap=round(median(gaps)),
            blank_within=bool(apart) and apart.count(False) > 0.4 * len(apart),
            line_is_paragraph=sum(line.ends_sentence for line in prose) >= 0.8 * len(prose),
        )

    def is_short(self, line: Line) -> bool:
        """Tell whether a line stops well before the margin."""
        return line.width < 0.85 * self.full_width

    def is_apart(self, line: Line) -> bool:
        """Tell whether a line stands further from the one above than lines usually do."""
        return line.new_page or line.blank_before > self.usual_gap

    def starts_paragraph(self, before: Line, line: Line) -> bool:
        """Tell whether a paragraph ends with the line `before` and another starts with `line`."""
        if self.line_is_paragraph:
            return True
        if not self.blank_within and line.blank_before:
            return before.ends_sentence or self.is_short(before)
        return before.ends_sentence and self.is_short(before)


def read_lines(raw: str) -> list[Line]:
    """Cut `raw` into its lines that are not blank."""
    lines: list[Line] = []
    start, blank, new_page = 0, 0, False
    for end, after in _line_ends(raw):
        first, last = start, end
        while first < last and is_layout(raw[first]):
            first += 1
        while last > first and is_layout(raw[last - 1]):
            last -= 1
        if first < last:
            folded = "".join(map(usual_form, raw[first:last]))
            indent = columns(raw[start:first])
            lines.append(Line(first, last, folded, indent, blank, new_page))
            blank, new_page = 0, False
        else:
            blank += 1
        new_page = new_page or "\f" in raw[end:after]
        start = after
    return lines


def _line_ends(raw: str) -> list[tuple[int, int]]:
    ends = [(found.start(), found.end()) for found in BREAK.finditer(raw)]
    return [*ends, (len(raw), len(raw))]
