"""Margins: running headers, footers and page numbers, told by where they come back."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...furniture import is_page_mark, names_a_journal
from .glyphs import Run, Sheet
from .rows import CAPTION, Row, rows

_ZONE = 0.12
"""The share of a page's height, at its top and at its bottom, that may be margin."""
_TITLE_ZONE = 0.3
_DEEPEST = 3
"""Rows from the edge."""
_SAME_PLACE = 4.0
_NUMBER = re.compile(r"^\D{0,3}(\d{1,5})\b|\b(\d{1,5})\D{0,3}$")
_ROMAN = re.compile(r"[ivxlcdm]{1,7}", re.I)
_ENTRY = re.compile(r"\[?\d{1,4}[\].]\s")
_MIN_LETTERS = 4
_APART = 1.8


_Edge = tuple[bool, int, Row]
"""Whether it is at the top, its rank from the edge, the row."""


@dataclass(frozen=True, slots=True)
class Margin:
    """The furniture of one page, and the number printed on it."""

    runs: list[Run]
    number: str | None


def margins(sheets: Sequence[Sheet]) -> list[Margin]:
    """Tell the furniture of every page.

    A row at the edge of a page is furniture if it comes back at its place on another page but for
    its numbers, if it counts the pages, or if it names a journal and its issue.
    """
    whole = [rows(sheet.runs, page) for page, sheet in enumerate(sheets)]
    edges = [
        list(_edge_rows(listed, sheet.height)) for listed, sheet in zip(whole, sheets, strict=True)
    ]
    found: list[set[int]] = [set() for _ in sheets]
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for page, listed in enumerate(edges):
        for _, _, row in listed:
            places[_key(row)].append((page, row.base))
    shift = _shift(edges)
    opening = _opening(whole[0], sheets[0].height)
    for page, listed in enumerate(edges):
        for is_top, rank, row in listed:
            beyond = [other for top, at, other in listed if top == is_top and at < rank]
            near = [other for other in whole[page] if id(other) not in found[page]]
            if all(id(other) in found[page] for other in beyond) and (
                _comes_back(row, page, places[_key(row)])
                or (page and _is_apart(row, near) and _repeats(row, opening))
                or _is_mark(row, page, shift, len(sheets) == 1 and _is_apart(row, near))
                or _names_a_journal(row, near, bool(beyond))
            ):
                found[page].add(id(row))
    return [
        Margin(
            [run for _, _, row in listed if id(row) in found[page] for run in row.runs],
            _number([row.text for _, _, row in listed if id(row) in found[page]], page, shift),
        )
        for page, listed in enumerate(edges)
    ]


def _key(row: Row) -> str:
    return re.sub(r"\d+|\s", "", row.text).casefold()


def _comes_back(row: Row, page: int, places: Sequence[tuple[int, float]]) -> bool:
    """Tell whether the same words stand at the same height of another page."""
    if sum(map(str.isalpha, row.text)) < _MIN_LETTERS or CAPTION.match(row.text):
        return False
    return any(page != other and abs(row.base - base) < _SAME_PLACE for other, base in places)


def _names_a_journal(row: Row, near: Sequence[Row], goes_on: bool) -> bool:
    """Tell whether a row apart from the text names a journal; where a masthead goes on, one sign does.

    The rows of the first page's masthead stand close together.
    """
    others = near if row.page else [each for each in near if not names_a_journal(each.text, 1)]
    return (
        _is_apart(row, others)
        and not _ENTRY.match(row.text)
        and names_a_journal(row.text, 1 if goes_on else 2)
    )


def _opening(listed: Sequence[Row], height: float) -> str:
    """Return the letters of the upper part of the first page, where title and authors stand."""
    return _bare(" ".join(row.text for row in listed if row.base < _TITLE_ZONE * height))


def _repeats(row: Row, opening: str) -> bool:
    """Tell whether a row repeats the paper's title or authors."""
    bare = _bare(row.text)
    return len(bare) >= 2 * _MIN_LETTERS and bare in opening and not row.ends_sentence


def _bare(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))


def _edge_rows(listed: Sequence[Row], height: float) -> Iterator[_Edge]:
    for rank, row in enumerate(listed[:_DEEPEST]):
        if row.base < _ZONE * height:
            yield True, rank, row
    for rank, row in enumerate(listed[: -_DEEPEST - 1 : -1]):
        if row.base > (1 - _ZONE) * height:
            yield False, rank, row


def _shift(edges: Sequence[Sequence[_Edge]]) -> int | None:
    """Return by how much the printed page numbers exceed the count of pages, if they do so alike."""
    votes = Counter(
        number - page
        for page, listed in enumerate(edges)
        for number in {int(each) for _, _, row in listed for each in _numbers(row.text)}
    )
    shift, count = max(votes.items(), key=lambda vote: vote[1], default=(0, 0))
    return shift if count >= 2 else None


def _numbers(text: str) -> list[str]:
    found = (match[1] or match[2] for match in _NUMBER.finditer(text))
    return list(found)


def _is_mark(row: Row, page: int, shift: int | None, sure: bool) -> bool:
    text = row.text
    if shift is not None and re.sub(r"\D", "", text) == str(page + shift):
        return not any(map(str.isalpha, re.sub(r"(?i)page|of|第|页|共", "", text)))
    return is_page_mark(text) or (sure and (text.isdecimal() or bool(_ROMAN.fullmatch(text))))


def _is_apart(row: Row, near: Sequence[Row]) -> bool:
    """Tell whether no other row is near."""
    return all(other is row or abs(other.base - row.base) > _APART * row.size for other in near)


def _number(texts: Sequence[str], page: int, shift: int | None) -> str | None:
    if shift is None:
        return None
    wanted = str(page + shift)
    return wanted if any(wanted in _numbers(text) for text in texts) else None
