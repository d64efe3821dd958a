"""In-text citations by author and year: `(Smith et al., 2019)`, `Smith and Jones (2019)`, `张三等(2019)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .names import COMPOUND_SURNAMES, FAMILY, HAN, SURNAMES, UPPER

_YEAR = r"(?:19|20)\d\d[a-z]?(?![\w])"
_YEARS = rf"{_YEAR}(?:\s*(?:[,，、]|&|and\b|和)\s*(?:{_YEAR}|[a-z]\b))*"
_MORE = rf"(?: [{UPPER}][^\W\d_]{{2,}}(?:-[{UPPER}][^\W\d_]+)*){{0,3}}"
_INITIALS = rf"(?:[{UPPER}]\.[ \-]?){{0,3}}"
_ONE = rf"{_INITIALS}{FAMILY}{_MORE}"
_CORPORATE = rf"[{UPPER}][\w\-]*(?: (?:of|for|and|the|on|in|[{UPPER}][\w\-]*))*(?<! and)"
_ET_AL = r"(?:,?\s*(?:et\.? al\b\.?|and (?:colleagues|co-?workers|others))|\s*等人?)"
_JOINED = r"\s*(?:,|，|、)?\s*(?:&|and\b|和|与|及)\s*"
_LATIN = rf"{_ONE}(?:(?:\s*[,，、]\s*|{_JOINED}){_ONE})*{_ET_AL}?"
_CHINESE = rf"[{HAN}·](?:[{HAN}·]|[、,，] ?(?=[{HAN}])){{1,60}}?(?: ?等人?)?"
_PAGES = r"(?:\s*[,，:：]\s*(?:pp?\.\s*)?\d+(?:\s*[-–]\s*\d+)?)?"
_BEFORE = r"(?:(?:for (?:a )?reviews?,? )?(?:see(?: also)?|e\.g\.|i\.e\.|cf\.|as in|reviewed (?:in|by))[,，]?\s+|e\.g\.,?\s*|参见|详见|见|如)?"

_PARENTHESES = re.compile(r"[(（\[［]([^()（）\[\]［］]{4,600})[)）\]］]")
_PIECE = re.compile(
    rf"{_BEFORE}(?:(?P<who>{_LATIN}|{_CHINESE}|{_CORPORATE})(?:\s*[,，]\s*|\s+)|(?P<same>(?=(?:19|20)\d\d)))"
    rf"(?P<when>{_YEARS}){_PAGES}\s*(?:$|(?=[,，、]\s*[{UPPER}{HAN}]))"
)
_WHEN = re.compile(rf"[(（\[［]\s*(?P<when>{_YEARS}){_PAGES}\s*[)）\]］]")
_WHO = re.compile(
    rf"(?P<who>(?<![A-Za-z]){_LATIN}|[{HAN}·、和与及]{{2,40}}(?:等人?)?)(?:['’]s)?\s*$"
)
_REACH = 120
"""Characters that the names before `(2019)` run over at most."""
_SPLIT = re.compile(rf"\s*[,，、]\s*(?:&|and\b)?\s*|{_JOINED}")
_TRAILING = re.compile(rf"{_ET_AL}$")
_NO_NAME = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug"
    r"|Sept?|Oct|Nov|Dec|Spring|Summer|Autumn|Winter|Figure|Fig|Table|Version|Copyright|Accessed|Updated|Since|In|From|Until"
    r"|Before|After|During|Year|截至|截止|自|从|至|到|始于|发表|更新|修订|检索|公布|发布)\b",
)
OPENERS = frozenset(
    [
        "In",
        "However",
        "As",
        "By",
        "The",
        "While",
        "Although",
        "Since",
        "Also",
        "Moreover",
        "Furthermore",
        "And",
        "But",
        "When",
        "For",
        "To",
        "Both",
        "Similarly",
        "Recently",
        "Finally",
        "Thus",
        "Where",
        "Whereas",
        "After",
        "Before",
        "From",
        "With",
        "Unlike",
        "Like",
        "If",
        "Here",
        "Indeed",
        "Additionally",
    ]
)


@dataclass(frozen=True, slots=True)
class AuthorYear:
    """Who and when a citation names: `[start, end)` of the text, its authors as written, its year.

    `starts` says where each name begins; `others` where it says `et al.` or 等; `year` is `"2019"`
    or `"2019a"`. `spoken` where the names are words of the sentence (`Smith (2019)`), so that words
    before them may be taken along.
    """

    start: int
    end: int
    names: tuple[str, ...]
    starts: tuple[int, ...]
    others: bool
    year: str
    spoken: bool

    def without(self, names: int, characters: int) -> AuthorYear:
        """Leave out the first names, and the first characters of the next."""
        first = self.starts[names] + characters
        return replace(
            self,
            start=first,
            names=(self.names[names][characters:], *self.names[names + 1 :]),
            starts=(first, *self.starts[names + 1 :]),
        )


def read_author_years(text: str) -> tuple[AuthorYear, ...]:
    """Return every citation by author and year in a text, in order, one for each year."""
    found = [*_in_parentheses(text), *_spoken(text)]
    return tuple(sorted(found, key=lambda each: (each.start, each.year)))


def _in_parentheses(text: str) -> Iterator[AuthorYear]:
    for group in _PARENTHESES.finditer(text):
        who = ""
        for piece in re.finditer(r"[^;；]+", group[1]):
            words = piece[0]
            at = len(words) - len(words.lstrip())
            while found := _PIECE.match(words, at):
                who = found["who"] or who
                if not who or _NO_NAME.match(who):
                    break
                offset = group.start(1) + piece.start()
                start = found.start("who") if found["who"] else found.start("when")
                names, starts, others = _names(who, offset + start)
                for year in _years(found["when"]):
                    yield AuthorYear(
                        offset + start,
                        offset + found.end("when"),
                        names,
                        starts,
                        others,
                        year,
                        False,
                    )
                between = re.compile(r"\s*[,，、]\s*").match(words, found.end())
                if not between:
                    break
                at = between.end()


def _spoken(text: str) -> Iterator[AuthorYear]:
    for dated in _WHEN.finditer(text):
        found = _WHO.search(text, max(0, dated.start() - _REACH), dated.start())
        if found:
            names, starts, others = _names(found["who"], found.start())
            for year in _years(dated["when"]):
                yield AuthorYear(found.start(), dated.end(), names, starts, others, year, True)


def _names(who: str, start: int) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    """Return the names, where each begins if the words begin at `start`, and whether others follow."""
    bare = _TRAILING.sub("", who)
    names: list[str] = []
    starts: list[int] = []
    at = 0
    for first, last in [*(gap.span() for gap in _SPLIT.finditer(bare)), (len(bare), len(bare))]:
        initials = re.match(_INITIALS, bare[at:first])
        begin = at + (initials.end() if initials else 0)
        if name := bare[begin:first].strip():
            names.append(name)
            starts.append(start + begin)
        at = last
    return tuple(names), tuple(starts), bare != who


def _years(when: str) -> list[str]:
    """Spell out `2019a, b, 2020`."""
    years: list[str] = []
    for year in re.findall(r"(?:19|20)\d\d[a-z]?|\b[a-z]\b", when):
        years.append(year if len(year) > 1 else years[-1][:4] + year)
    return years


def last_chinese_name(words: str) -> str | None:
    """Return the personal name that Chinese words end with: a usual family name and one or two
    characters more; None where there is none.
    """
    if words[-4:-2] in COMPOUND_SURNAMES and len(words) >= 4:
        return words[-4:]
    return next(
        (words[-size:] for size in (3, 2) if len(words) >= size and words[-size] in SURNAMES), None
    )
