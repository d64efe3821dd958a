"""Columns: the order in which the rows of a page are read.

Recursive X-Y cuts (Nagy and Seth, 1984), the standing cut tried first: a region that a gutter
parts from top to bottom is read column by column. Where titles, abstracts or captions span a
gutter that is there beside and below them, they part the region into bands, read one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .glyphs import Run
from .rows import Row, rows

_MIN_GUTTER = 0.9
_MIN_COLUMN = 9.0
"""Both in ems: words of a stretched line stand apart as well, but make no column."""
_MIN_ROWS = 3
_VOTES = 4


def in_reading_order(runs: Sequence[Run], page: int, usual: float | None = None) -> Iterator[Row]:
    """Yield the rows of a page in the order they are read, each with the bounds of its column.

    `usual` is where the document's other pages have a gutter, so that a column of one row is one.
    """
    if not runs:
        return
    cut = _gutter(runs, usual)
    if cut is not None:
        left, right = cut
        yield from in_reading_order([run for run in runs if run.x1 <= left], page, usual)
        yield from in_reading_order([run for run in runs if run.x0 >= right], page, usual)
        return
    spanned = _spanned_gutter(runs, usual)
    bands = _bands(runs, spanned) if spanned is not None else []
    if len(bands) > 1:
        for band in bands:
            yield from in_reading_order(band, page, usual)
    else:
        yield from _leaf(runs, page)


def usual_gutter(pages: Sequence[Sequence[Run]]) -> float | None:
    """Return where most pages of a document have a gutter, None for one set in one column."""
    found = [gutter for runs in pages if (gutter := _spanned_gutter(runs, None)) is not None]
    if len(found) * 2 < len(pages):
        return None
    return _middle(found)


def _leaf(runs: Sequence[Run], page: int) -> Iterator[Row]:
    left, right = min(run.x0 for run in runs), max(run.x1 for run in runs)
    found = rows(runs, page)
    for row in found:
        row.left, row.right, row.leaf = left, right, id(found[0])
        yield row


def _gutter(runs: Sequence[Run], usual: float | None) -> tuple[float, float] | None:
    """Return the widest white strip `[left, right)` from top to bottom between two columns."""
    ends = sorted((run.x0, run.x1) for run in runs)
    least = _MIN_GUTTER * _middle([run.size for run in runs])
    strips: list[tuple[float, float]] = []
    reach = ends[0][1]
    for x0, x1 in ends[1:]:
        if x0 - reach >= least:
            strips.append((reach, x0))
        reach = max(reach, x1)
    fit = [
        strip
        for strip in strips
        if _parts_columns(runs, strip)
        or (usual is not None and strip[0] < usual < strip[1] and _has_both_sides(runs, strip))
    ]
    return max(fit, key=lambda strip: strip[1] - strip[0], default=None)


def _parts_columns(runs: Sequence[Run], strip: tuple[float, float]) -> bool:
    sides = [run for run in runs if run.x1 <= strip[0]], [run for run in runs if run.x0 >= strip[1]]
    return all(map(_is_column, sides)) and _stand_beside(*sides)


def _has_both_sides(runs: Sequence[Run], strip: tuple[float, float]) -> bool:
    """Tell whether text begins right beside the strip, so that it is no indent of a short line."""
    return any(run.x0 - strip[1] < run.size for run in runs) and any(
        run.x1 <= strip[0] for run in runs
    )


def _is_column(side: Sequence[Run]) -> bool:
    width = max(run.x1 for run in side) - min(run.x0 for run in side)
    size = _middle([run.size for run in side])
    return width >= _MIN_COLUMN * size and len({round(run.base) for run in side}) >= _MIN_ROWS


def _stand_beside(left: Sequence[Run], right: Sequence[Run]) -> bool:
    """Tell whether two sides share some height, as columns do."""
    top = max(min(run.base for run in side) for side in (left, right))
    bottom = min(max(run.base for run in side) for side in (left, right))
    return bottom > top


def _spanned_gutter(runs: Sequence[Run], usual: float | None) -> float | None:
    """Return the middle of the gutter that most neighbouring runs agree on, or None."""
    wide = sorted(
        (run for run in runs if run.x1 - run.x0 >= _MIN_COLUMN / 2 * run.size),
        key=lambda run: run.base,
    )
    gaps = list(_gaps(wide))
    if usual is not None and (
        any(left < usual < right for left, right in gaps)
        or any(usual < run.x0 < usual + 2 * run.size for run in runs)
    ):
        return usual
    if len(gaps) < _VOTES:
        return None
    middles = sorted({(left + right) / 2 for left, right in gaps})
    votes = {at: sum(left < at < right for left, right in gaps) for at in middles}
    best = max(votes, key=lambda at: votes[at])
    return best if votes[best] >= _VOTES else None


def _gaps(wide: Sequence[Run]) -> Iterator[tuple[float, float]]:
    """Yield the gap between each run and the nearest to its right at the same height."""
    for at, run in enumerate(wide):
        beside = [
            other
            for other in _near(wide, at)
            if other.x0 - run.x1 >= _MIN_GUTTER * max(run.size, other.size)
        ]
        if beside:
            yield run.x1, min(other.x0 for other in beside)


def _near(wide: Sequence[Run], at: int) -> Iterator[Run]:
    run = wide[at]
    for step in (-1, 1):
        other = at + step
        while 0 <= other < len(wide) and abs(wide[other].base - run.base) < 0.7 * run.size:
            yield wide[other]
            other += step


def _bands(runs: Sequence[Run], gutter: float) -> list[list[Run]]:
    """Part a region where something crosses the gutter: bands of columns, bands that span them."""
    bands: list[list[Run]] = []
    spans_before: bool | None = None
    for row in rows(runs, 0):
        spans = any(run.x0 < gutter < run.x1 for run in row.runs)
        if spans != spans_before:
            bands.append([])
        bands[-1] += row.runs
        spans_before = spans
    return bands


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
