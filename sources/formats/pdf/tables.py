"""Tables: what stands between lying rules, in cells rather than in lines of prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from .glyphs import Rule, Run, Sheet
from .rows import CAPTION, Row, cells, rows

_ALIKE = 4.0
_MIN_WIDTH = 60.0
_JOINED = 3.0
_MAX_FILL = 0.8
"""Two columns of prose fill their width; the cells of a table do not."""
_MAX_TABLES = 50


def with_tables(sheet: Sheet, runs: Sequence[Run]) -> list[Run]:
    """Return the runs of a page, those of each table put together as one that holds its cells."""
    left = list(runs)
    for lying in _groups(sheet.rules)[:_MAX_TABLES]:
        for bands in _tables(left, lying):
            held = [run for _, _, band in bands for run in band]
            table = [
                row for top, bottom, band in bands for row in _rows(band, sheet.rules, top, bottom)
            ]
            taken = set(map(id, held))
            left = [run for run in left if id(run) not in taken]
            left.append(_placeholder(held, table, lying[0]))
    return left


def _groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return lying rules that begin and end alike, each group from top to bottom."""
    groups: list[list[Rule]] = []
    for rule in sorted(_whole(rules), key=lambda rule: rule.top):
        if rule.x1 - rule.x0 < _MIN_WIDTH:
            continue
        for group in groups:
            if abs(group[0].x0 - rule.x0) < _ALIKE and abs(group[0].x1 - rule.x1) < _ALIKE:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) > 1]


def _whole(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Join rules that were drawn cell by cell."""
    lying = sorted((r for r in rules if r.lies), key=lambda r: (round(r.top), r.x0))
    current: Rule | None = None
    for rule in lying:
        if current and abs(rule.top - current.top) < 1.5 and rule.x0 <= current.x1 + _JOINED:
            current = Rule(current.x0, max(current.x1, rule.x1), current.top, current.bottom)
        else:
            if current:
                yield current
            current = rule
    if current:
        yield current


_Band = tuple[float, float, list[Run]]


def _tables(runs: Sequence[Run], lying: Sequence[Rule]) -> Iterator[list[_Band]]:
    """Yield neighbouring bands between rules that hold cells; a band of one line joins them."""
    found: list[_Band] = []
    between: list[_Band] = []
    for above, below in pairwise(lying):
        held = [run for run in runs if _stands_between(run, above, below)]
        inside = rows(held, 0)
        band = (above.bottom, below.top, held)
        if _are_cells(inside, above.x1 - above.x0):
            found += [*(between if found else ()), band]
            between = []
        elif len(inside) == 1 and not CAPTION.match(inside[0].text):
            between.append(band)
        elif inside:
            if found:
                yield found
            found, between = [], []
    if found:
        yield found


def _stands_between(run: Run, above: Rule, below: Rule) -> bool:
    return (
        run.table is None
        and above.bottom - 1 < run.base - run.size / 3 < below.top + 1
        and run.x0 >= above.x0 - _ALIKE
        and run.x1 <= above.x1 + _ALIKE
    )


def _are_cells(inside: Sequence[Row], width: float) -> bool:
    if not inside:
        return False
    parted = sum(len(cells(row)) > 1 for row in inside)
    filled = sum(run.x1 - run.x0 for row in inside for run in row.runs) / (width * len(inside))
    return parted >= 0.5 * len(inside) and filled < _MAX_FILL


def _rows(
    band: Sequence[Run], rules: Sequence[Rule], top: float, bottom: float
) -> Iterator[list[str]]:
    """Yield the rows between two rules: one if standing rules box them in, else one a line."""
    lines = [cells(row) for row in rows(band, 0)]
    standing = sorted(
        {
            round(rule.x0)
            for rule in rules
            if not rule.lies and rule.top < bottom - 2 and rule.bottom > top + 2
        }
    )
    if not standing:
        for line in lines:
            yield [cell.text for cell in line]
        return
    columns: dict[int, list[str]] = {}
    for run_row in rows(band, 0):
        for run in run_row.runs:
            at = sum(edge <= (run.x0 + run.x1) / 2 for edge in standing)
            columns.setdefault(at, []).append(run.text.strip())
    if columns:
        yield [" ".join(columns[at]) for at in sorted(columns)]


def _placeholder(held: Sequence[Run], table: list[list[str]], rule: Rule) -> Run:
    middle = (min(run.base for run in held) + max(run.base for run in held)) / 2
    return Run([], rule.x0, rule.x1, middle, held[0].size, table)
