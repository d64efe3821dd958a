"""Rows: the lines of text as they stand on a page, each within its column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ...characters import CLOSING, STOPS, is_chinese, usual_form
from ...lines import Line
from .glyphs import Glyph, Run

CAPTION = re.compile(
    r"(?:supplementary |extended data |online )?(?:fig(?:ure)?s?|tables?|scheme|chart|box|plate)\b\.?\s*"
    r"S?\d{1,3}(?:[.-]\d{1,2})?[A-Za-z]?(?P<en>\s*[.:：|]|\s|$)"
    r"|(?:附?[图表])\s*\d{1,3}(?:[-.–]\d+)?(?P<zh>\s*[.:：|．]|\s|$|(?=[\u4e00-\u9fffA-Za-z]))",
    re.I,
)
"""What a caption begins with; a sentence may begin so as well (`Table 1 shows…`)."""
_MARKERS = re.compile(r"(\[[\d\s,，、;；~\-–—]+\]\s*)+$")
_RAISED_BY = 0.15
_RAISED_SIZE = 0.9
_SAME_LINE = 0.5
_CELL_GAP = 1.2
"""In ems: the gap that parts the cells of a table's row."""


@dataclass
class Row:
    """The runs of one line from left to right; `[left, right)` is the column they stand in.

    Rows of one column on one page share `leaf`.
    """

    page: int
    runs: list[Run]
    left: float = 0.0
    right: float = 0.0
    leaf: int = 0

    @cached_property
    def x0(self) -> float:
        return min(run.x0 for run in self.runs)

    @cached_property
    def x1(self) -> float:
        return max(run.x1 for run in self.runs)

    @cached_property
    def size(self) -> float:
        return max(self.runs, key=lambda run: len(run.glyphs)).size

    @cached_property
    def base(self) -> float:
        """The baseline, from the top of the page."""
        return max(self.runs, key=lambda run: (run.size, len(run.glyphs))).base

    @cached_property
    def bold(self) -> bool:
        return all(run.bold for run in self.runs)

    @cached_property
    def parts(self) -> list[tuple[str, bool]]:
        """The words of the row, cut where a superscript begins or ends: `(text, is superscript)`."""
        found: list[tuple[str, bool]] = []
        before: Glyph | None = None
        for run in self.runs:
            if before and _needs_space(before, run.glyphs[0]):
                found.append((" ", False))
            for glyph in run.glyphs:
                raised = self._is_raised(glyph) if glyph.char != " " else False
                if found and found[-1][1] == raised:
                    found[-1] = (found[-1][0] + glyph.char, raised)
                else:
                    found.append((glyph.char, raised))
                before = glyph
        return found

    @cached_property
    def text(self) -> str:
        return "".join(part for part, _ in self.parts).strip()

    @property
    def line(self) -> Line:
        """The row as a line of text, full-width forms made usual."""
        return line_of(self.text)

    @cached_property
    def ends_sentence(self) -> bool:
        """Whether the row closes with a full stop, leaving aside quotation marks and markers."""
        shown = "".join(part for part, raised in self.parts if not raised)
        bare = _MARKERS.sub("", shown.rstrip()).rstrip("".join(CLOSING))
        return bool(bare) and bare[-1] in STOPS

    @property
    def table(self) -> list[list[str]] | None:
        return self.runs[0].table

    @property
    def starts_raised(self) -> bool:
        return bool(self.parts) and self.parts[0][1]

    @property
    def first_word(self) -> float:
        """The width of what cannot be broken at its start."""
        glyphs = self.runs[0].glyphs
        if is_chinese(glyphs[0].char):
            return glyphs[0].x1 - glyphs[0].x0
        last = next(
            (at for at, each in enumerate(glyphs) if each.char == " " or is_chinese(each.char)),
            len(glyphs),
        )
        return glyphs[max(last - 1, 0)].x1 - glyphs[0].x0

    def _is_raised(self, glyph: Glyph) -> bool:
        rise = self.base - glyph.base
        return rise > _RAISED_BY * self.size and glyph.size <= _RAISED_SIZE * self.size


def line_of(text: str) -> Line:
    """Return words as one line, full-width forms made usual."""
    return Line(0, len(text), "".join(map(usual_form, text)), 0, 0, False)


def rows(runs: Iterable[Run], page: int) -> list[Row]:
    """Put runs that share a baseline into rows, from top to bottom; superscripts share it too."""
    found: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (-round(run.size), run.base)):
        near = [row for row in found if _shares(row[0], run)]
        if near:
            min(near, key=lambda row: abs(row[0].base - run.base)).append(run)
        else:
            found.append([run])
    made = [Row(page, sorted(row, key=lambda run: run.x0)) for row in found]
    return sorted(made, key=lambda row: (row.base, row.x0))


def cells(row: Row) -> list[Row]:
    """Cut a row where the gap is as wide as between the cells of a table."""
    found: list[list[Run]] = []
    for run in row.runs:
        if found and run.x0 - found[-1][-1].x1 < _CELL_GAP * row.size:
            found[-1].append(run)
        else:
            found.append([run])
    return [Row(row.page, cell) for cell in found]


def leading(found: Sequence[Row]) -> float:
    """Return the usual distance between the baselines of two rows of a column, 0 if unknown."""
    steps = [
        round(below.base - above.base, 1)
        for above, below in pairwise(found)
        if above.page == below.page and 0 < below.base - above.base < 3 * above.size
    ]
    return max(set(steps), key=steps.count) if steps else 0.0


def _shares(run: Run, other: Run) -> bool:
    if run.table is not None or other.table is not None:
        return False  # a table is a row of its own, whatever stands beside it
    size = max(run.size, other.size)
    return abs(run.base - other.base) < _SAME_LINE * size


def _needs_space(before: Glyph, glyph: Glyph) -> bool:
    if before.char == " " or glyph.char == " ":
        return False
    chinese = is_chinese(before.char) and is_chinese(glyph.char)
    return not chinese and glyph.x0 - before.x1 > 0.15 * max(before.size, glyph.size)
