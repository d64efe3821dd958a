"""From what a sentence cites to the entries of the review's own bibliography."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .authoryear import OPENERS, AuthorYear, last_chinese_name, read_author_years
from .characters import is_han
from .markers import read_markers
from .references import Reference

_STROKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Cited:
    """One work cited in a text: where, `[start, end)`, and the entry; None if it has none.

    `marker` is the number that cites it, None where author and year do: the text itself says
    those.
    """

    start: int
    end: int
    marker: int | None
    reference: Reference | None


class Bibliography:
    """The entries of one review, to be looked up by number or by author and year.

    A number or a name and year that several entries share is of none: better no entry than a
    wrong one.
    """

    def __init__(self, references: Sequence[Reference]) -> None:
        self._numbers: dict[int, list[Reference]] = defaultdict(list)
        self._years: dict[str, list[tuple[list[set[str]], bool, Reference]]] = defaultdict(list)
        for reference in references:
            if reference.marker is not None:
                self._numbers[reference.marker].append(reference)
            year = year_of(reference)
            if year and (authors := authors_of(reference)):
                others = bool(reference.csl.get("custom", {}).get("et-al"))
                self._years[year].append((authors, others, reference))
        self.is_numbered = bool(self._numbers)

    def by_number(self, number: int) -> Reference | None:
        return _only(self._numbers.get(number, ()))

    def by_name(self, cited: AuthorYear) -> tuple[AuthorYear, Reference | None]:
        """Return the entry that an author and year name, and the citation without what stood
        before the names: `However, Smith and Jones (2019)` begins with `Smith`.
        """
        for reading in _readings(cited):
            if found := _only(self._matches(reading)):
                return reading, found
        return cited, None

    def _matches(self, cited: AuthorYear) -> Iterator[Reference]:
        names = [fold(name) for name in cited.names]
        for authors, cut_short, reference in self._years.get(cited.year, ()):
            more = len(authors) > len(names) or cut_short
            enough = more if cited.others else len(authors) == len(names) and not cut_short
            if enough and all(name in called for called, name in zip(authors, names, strict=False)):
                yield reference


def read_cited(
    text: str,
    bibliography: Bibliography,
    by_number: bool,
    superscripts: Iterable[tuple[int, int]] = (),
) -> tuple[Cited, ...]:
    """Return every work that a text cites, in order; `superscripts` are spans of it set raised."""
    if by_number:
        return tuple(
            Cited(found.start, found.end, number, bibliography.by_number(number))
            for found in read_markers(text, superscripts)
            for number in found.numbers
        )
    return tuple(_by_names(text, bibliography))


def _by_names(text: str, bibliography: Bibliography) -> Iterator[Cited]:
    for found in read_author_years(text):
        cited, reference = bibliography.by_name(found)
        shown = cited if reference else _unresolved(cited)
        if shown:
            yield Cited(shown.start, shown.end, None, reference)


def _unresolved(cited: AuthorYear) -> AuthorYear | None:
    """Cut what is surely no name off a citation without entry; None if it may be no citation."""
    if not cited.spoken:
        return cited
    if not cited.others and len(cited.names) < 2:
        return None
    if is_han(cited.names[0][-1]) and (name := last_chinese_name(cited.names[0])):
        return cited.without(0, len(cited.names[0]) - len(name))
    opener, space, _ = cited.names[0].partition(" ")
    if opener in OPENERS:
        if space:
            return cited.without(0, len(opener) + 1)
        return cited.without(1, 0) if len(cited.names) > 1 else None
    return cited


def _readings(cited: AuthorYear) -> Iterator[AuthorYear]:
    """Yield the ways to read a citation, the longest first: what precedes a name may be prose."""
    yield cited
    if not cited.spoken:
        return
    for at, name in enumerate(cited.names):
        if at:
            yield cited.without(at, 0)
        places = range(1, len(name) - 1) if all(map(is_han, name)) else _words(name)
        for place in places:
            yield cited.without(at, place)


def _words(name: str) -> list[int]:
    return [space.end() for space in re.finditer(" ", name)]


def _only(found: Iterable[Reference]) -> Reference | None:
    listed = list(found)
    return listed[0] if len(listed) == 1 else None


def year_of(reference: Reference) -> str | None:
    """Return the year of an entry as a citation names it, `"2019"` or `"2019a"`."""
    issued = reference.csl.get("issued")
    return f"{issued['date-parts'][0][0]}{reference.csl.get('year-suffix', '')}" if issued else None


def authors_of(reference: Reference) -> list[set[str]]:
    """Return what each author of an entry may be called in a citation: family name, or acronym."""
    return [
        _called(name.get("family") or name["literal"]) for name in reference.csl.get("author", ())
    ]


def _called(name: str) -> set[str]:
    capitals = "".join(word[0] for word in name.split() if word[0].isupper())
    return {fold(name), capitals.casefold()} if len(capitals) > 2 else {fold(name)}


def fold(name: str) -> str:
    """Return a name without case, accents, hyphens, spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_STROKED)
    return "".join(char for char in plain if char.isalnum())
