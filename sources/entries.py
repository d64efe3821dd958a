"""Where each entry of a reference list begins and ends, numbered or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from .lines import Line
from .names import HAN, UPPER, opens_with_names

_STYLES = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\[【〔]\s*(\d{1,4})\s*[\]】〕]\s*[.、:：]?\s*",
        r"\(\s*(\d{1,4})\s*\)\s*[.、:：]?\s*",
        r"(\d{1,4})\s*[.、)]\s*(?!\d)",
        r"(\d{1,4})\s+(?=[^\W\d_])",
    )
)
_WITHIN = re.compile(r"(?<=[.。;；\]\s\d/a-z])\s*[\[【〔]\s*(\d{1,4})\s*[\]】〕]\s*(?=\S)")
_OPENS = re.compile(
    rf"[{UPPER}{HAN}“\"'‘《(\[]|(?:van|von|de|del|della|di|da|du|la|le|ten|ter|el|al|’t)\b"
)
_COMPLETE = re.compile(r"(?:[.。．;；\])）/]|\d|https?://\S+|10\.\d{4,}/\S+)\s*$")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\bin press\b|\bn\.d\.|待发表|印刷中", re.I)
_EARLY_YEAR = re.compile(r"[^()（）\d]{2,160}[(（](?:(?:19|20)\d\d[a-z]?\b|n\.d\.|in press)", re.I)
_REACH = 40
"""Lines looked back over for the number before; an entry hardly runs over more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its number, None in a list without, and its place among the characters given."""

    number: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    start: int
    body: int
    worth: int


def cut(lines: Sequence[Line]) -> list[Entry]:
    """Cut the lines of one reference list into its entries, in order; offsets are the lines'.

    A list is numbered if its first line is. What stands before the first entry belongs to none.
    """
    if not lines:
        return []
    style = next((style for style in _STYLES if style.match(lines[0].folded)), None)
    if style is None or not _counts(lines, style):
        return _unnumbered(lines)
    kept = _chain(_candidates(lines, style))
    ends = [*(each.start for each in kept[1:]), lines[-1].end]
    return [Entry(each.number, each.body, end) for each, end in zip(kept, ends, strict=True)]


def _counts(lines: Sequence[Line], style: re.Pattern[str]) -> bool:
    """Tell whether a number that opens a list counts entries, and is no year or page."""
    found = style.match(lines[0].folded)
    return bool(found) and int(found[1]) < 1000  # type: ignore[index]


def _candidates(lines: Sequence[Line], style: re.Pattern[str]) -> list[_Candidate]:
    found: list[_Candidate] = []
    bracketed = style is _STYLES[0]
    for at, line in enumerate(lines):
        before = lines[at - 1] if at else None
        opening = style.match(line.folded)
        if opening and int(opening[1]) < 10_000:
            worth = 4 if bracketed else 0
            worth += 2 if _OPENS.match(line.folded, opening.end()) else -3
            worth += 1 if before is None or _COMPLETE.search(before.folded) else -1
            found.append(_candidate(line, opening, 0, worth))
        if bracketed:
            for within in _WITHIN.finditer(line.folded, opening.end() if opening else 0):
                found.append(_candidate(line, within, within.start(), 0))
    return found


def _candidate(line: Line, opening: re.Match[str], start: int, worth: int) -> _Candidate:
    body = min(line.start + opening.end(), line.end)
    return _Candidate(int(opening[1]), line.start + start, body, worth)


def _chain(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Choose the numbers that count the entries: the most plausible run of them.

    Each is worth what its line says for it and how it follows the one before (dynamic
    programming over pairs at most `_REACH` apart), so that a year or a page number which opens a
    wrapped line stands aside, while gaps, repeats and a second list from 1 on are kept.
    """
    best: list[tuple[int, int | None]] = []
    for at, each in enumerate(candidates):
        choices: list[tuple[int, int | None]] = [(each.worth - 2 * at, None)]
        for before in range(max(0, at - _REACH), at):
            step = each.number - candidates[before].number
            choices.append((best[before][0] + each.worth + _follows(step, each.number), before))
        best.append(max(choices, key=lambda choice: choice[0]))
    if not best:
        return []
    place: int | None = max(range(len(best)), key=lambda at: best[at][0])
    kept: list[_Candidate] = []
    while place is not None:
        kept.append(candidates[place])
        place = best[place][1]
    return kept[::-1]


def _follows(step: int, number: int) -> int:
    if step == 1:
        return 4
    if 2 <= step <= 5:
        return 1
    if step == 0 or 6 <= step <= 30:
        return -1
    return -2 if number == 1 else -9


def _unnumbered(lines: Sequence[Line]) -> list[Entry]:
    starts = _by_layout(lines) or list(_by_words(lines))
    ends = [*starts[1:], len(lines)]
    return [
        Entry(None, lines[first].start, lines[last - 1].end)
        for first, last in zip(starts, ends, strict=True)
    ]


def _by_layout(lines: Sequence[Line]) -> list[int] | None:
    """Return the lines that stand out as first of their entries, if the layout says so at all.

    It does where they stand out by their indent or by a blank line above, and where what stands
    out mostly opens as an entry does and the rest mostly does not; or where every line is one.
    """
    opens = [_opens_entry(line) for line in lines]
    every = list(range(len(lines)))
    dented = (
        median({line.indent for line in lines}) if len({line.indent for line in lines}) > 1 else 0
    )
    apart = median([line.blank_before for line in lines[1:]]) if len(lines) > 1 else 0
    readings = [
        [at for at in every if lines[at].indent < dented],
        [at for at in every if lines[at].indent > dented],
        [at for at in every if at == 0 or lines[at].blank_before > apart],
        [at for at in every if at == 0 or lines[at].blank_before],
    ]
    for first in readings:
        chosen = set(first)
        rest = [at for at in every if at not in chosen]
        if (
            first
            and first[0] == 0
            and rest
            and len(first) > 1
            and sum(opens[at] for at in first) >= 0.6 * len(first)
            and sum(opens[at] for at in rest) <= 0.25 * len(rest)
        ):
            return first
    whole = all(_COMPLETE.search(line.folded) and _YEAR.search(line.folded) for line in lines)
    return every if whole and sum(opens) >= 0.6 * len(lines) else None


def _by_words(lines: Sequence[Line]) -> Iterator[int]:
    """Yield the lines that open as an entry does, once the entry before is complete."""
    dated = False
    for at, line in enumerate(lines):
        if at == 0 or (dated and _COMPLETE.search(lines[at - 1].folded) and _opens_entry(line)):
            yield at
            dated = False
        dated = dated or bool(_YEAR.search(line.folded))


def _opens_entry(line: Line) -> bool:
    return opens_with_names(line.folded) or bool(
        _OPENS.match(line.folded) and _EARLY_YEAR.match(line.folded)
    )
