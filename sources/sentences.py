"""Sentences and passages, cut by offset; nothing is copied, so nothing can change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .characters import CLOSING, columns, is_han

MAX_PASSAGE_COLUMNS = 640
"""About a third of a page: 320 Chinese characters or 100 English words, within 512 tokens of e5."""

_STOP = re.compile(r"[。！？!?．.]+|…+(?=[”’」』\"])")
_CLOSERS = re.escape("".join(CLOSING) + "\"'")
_AFTER_STOP = re.compile(
    rf"[{_CLOSERS}]*(?:\s*(?:\[[\d\s,，、;；~\-–—]+\]|[\u00b9\u00b2\u00b3\u2070-\u2079]+))*[{_CLOSERS}]*"
)
_ROW = re.compile(r"[^\n]+")
_LABEL = re.compile(r"[^\d.]{1,24}\d[\w.\-–]{0,6}")
_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "〔": "〕"}
_MAX_ASIDE = 200
_NONE: Mapping[int, int] = {}

_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[（，、。])(?:et al|e\.g|i\.e|cf|vs|viz|approx|ca|figs?|eqs?|refs?|nos?|vol|pp?|eds?|dr|mr|mrs"
    r"|ms|prof|st|jr|sr|inc|ltd|co|corp|dept|univ|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|sp|spp|subsp|var"
    r"|resp|max|min|avg|temp|wt)$",
    re.I,
)
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z](?:\.[A-Z])*$")
_LETTERED = re.compile(
    r"(?:vitamins?|hepatitis|types?|groups?|class|grade|stage|phase|factor) [A-Z]$", re.I
)
_STARTS_SENTENCE = re.compile(r"\s*[\"'“‘(\[]*[A-Z0-9\u0370-\u03ff\u3400-\u9fff]")
_CONTINUES = re.compile(r"\s*[，、；：,;:)）\]】之的等]")


def sentences(
    text: str, start: int, end: int, raised: Mapping[int, int] = _NONE
) -> list[tuple[int, int]]:
    """Cut the paragraph `text[start:end]` into sentences, without the space between them.

    A sentence ends at a full stop with the closing quotation marks and markers that follow it
    (`…骨痿”。`, `bone loss.[13]`); not within brackets, numbers or abbreviations, nor at `；`.
    `raised` maps where each superscript starts to where it ends (`bone loss.13` with a raised 13).
    """
    found: list[tuple[int, int]] = []
    first = start
    for stop in _STOP.finditer(text, start, end):
        if stop.start() < first or not _is_full_stop(text, first, stop, end, raised):
            continue
        last = _past_tail(text, stop.end(), end, raised)
        if _CONTINUES.match(text, last, end):
            continue
        found.append((first, last))
        first = last
        while first < end and text[first].isspace():
            first += 1
    if first < end:
        found.append((first, end))
    return found


def rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut the table `text[start:end]` into its rows, each a line."""
    return [(row.start(), row.end()) for row in _ROW.finditer(text, start, end)]


def with_label(text: str, cut: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put the label of a caption (`Figure 1.`) together with what it says first."""
    if len(cut) > 1 and _LABEL.fullmatch(text, *cut[0]):
        return [(cut[0][0], cut[1][1]), *cut[2:]]
    return cut


def _past_tail(text: str, at: int, end: int, raised: Mapping[int, int]) -> int:
    """Return where the quotation marks, markers and superscripts that follow a stop end."""
    while True:
        tail = _AFTER_STOP.match(text, at, end)
        last = tail.end() if tail else at
        while last < end and text[last].isspace() and last + 1 in raised:
            last += 1
        if last not in raised:
            return at if text[last - 1].isspace() else last
        at = min(raised[last], end)


def _is_full_stop(
    text: str, first: int, stop: re.Match[str], end: int, raised: Mapping[int, int]
) -> bool:
    if _is_aside(text, first, stop.start(), end):
        return False
    if stop[0][0] in "。！？…":
        return True
    if stop[0] in ("!", "?"):
        return stop.end() == end or not text[stop.end()].isalnum() or is_han(text[stop.end()])
    return _is_period(text, first, stop, end, raised)


def _is_period(
    text: str, first: int, stop: re.Match[str], end: int, raised: Mapping[int, int]
) -> bool:
    """Tell whether a `.` ends a sentence: one opens after it, no abbreviation before."""
    at, after = stop.span()
    while after in raised:
        after = min(raised[after], end)
    if after == end:
        return True
    before = text[max(first, at - 16) : at]
    if _ABBREVIATION.search(before) or (_INITIAL.search(before) and not _LETTERED.search(before)):
        return False
    if is_han(text[after]):
        return at > first and not text[at - 1].isdigit()
    opening = _past_tail(text, after, end, raised)
    if opening == end:
        return True
    return text[opening].isspace() and bool(_STARTS_SENTENCE.match(text, opening, end))


def _is_aside(text: str, first: int, at: int, end: int) -> bool:
    """Tell whether `at` stands within brackets that were opened in this sentence and do close."""
    awaited: list[tuple[str, int]] = []
    for place in range(max(first, at - _MAX_ASIDE), at):  # what opened before closes too late
        char = text[place]
        if char in _PAIRS:
            awaited.append((_PAIRS[char], place))
        elif awaited and char == awaited[-1][0]:
            awaited.pop()
    return any(
        place > first and text.find(close, at, min(end, place + _MAX_ASIDE)) >= 0
        for close, place in awaited
    )


def passages(text: str, cut: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Group the sentences of one paragraph into passages of about equal width.

    Yields `[first, last)` indices into `cut`. No passage is wider than `MAX_PASSAGE_COLUMNS`
    unless a single sentence is.
    """
    widths = [columns(text[start:end]) for start, end in cut]
    count = -(-sum(widths) // MAX_PASSAGE_COLUMNS)
    target = sum(widths) / max(count, 1)
    first, width = 0, 0
    for at, own in enumerate(widths):
        too_wide = width + own > MAX_PASSAGE_COLUMNS
        if width and (too_wide or width + own / 2 > target):
            yield first, at
            first, width = at, 0
        width += own
    if first < len(cut):
        yield first, len(cut)
