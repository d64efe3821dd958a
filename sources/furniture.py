"""What a page carries besides its text: running headers, footers, page numbers.

A line is furniture only on positive evidence, because a dropped line of prose could never be
quoted: it is nothing but a page mark, it says twice over that it is a journal's line, or it comes
back from page to page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from .headings import named_role
from .lines import Habits, Line

MAX_COLUMNS = 200

_PAGE_MARK = re.compile(
    r"[-–—·•|\s]*(第\s*\d+\s*页.{0,3}共?\s*\d*\s*页?|page\s*\d+(\s*(of|/)\s*\d+)?|p\.\s*\d+"
    r"|[-–—·•|]\s*\d{1,5}\s*[-–—·•|]|\d{1,5}\s*/\s*\d{1,5})[-–—·•|\s]*",
    re.I,
)
_BARE_NUMBER = re.compile(r"\d{1,5}")

_JOURNAL_SIGNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"第\s*\d+\s*卷|\bvol(ume)?\b\.?\s*\d+",
        r"第\s*\d+\s*期|\b(no|issue)\b\.?\s*\d+|\d+\s*\(\s*\d+\s*\)\s*[:：,，]",
        r"(19|20)\d\d\s*年|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s*(\d+,?\s*)?"
        r"(19|20)\d\d|[,.;(]\s*(19|20)\d\d\b",
        r"杂志|学报|期刊|\bjournals?\b|\bchin j\b|\bproceedings\b|\bj [a-z]+ [a-z]+\b",
        r"\bissn\b|\bdoi\b|https?://|www\.|10\.\d{4,}/",
        r"©|\(c\) ?(19|20)\d\d|copyright|all rights reserved|版权所有",
        r"^\d{1,5}\s|\s\d{1,5}$|\d+\s*[-–—~]\s*\d+\s*(页|$)|\bpage \d",
        r"收稿日期|修回日期|录用日期|接受日期|网络出版|基金项目|通信作者|通讯作者|作者简介|作者单位"
        r"|received:|accepted:|revised:|corresponding author",
        r"[\u4e00-\u9fff] ?等[.:：]|\bet al\b(?!\.?,? ?\(?(19|20)\d\d)",
    )
)
# Prose says something of something; a header only names.
_PROSE = re.compile(
    r"[。；！？]|[的了是为在被把将使]|研究|发现|表明|发表|刊登|报道|证实|显示"
    r"|\b(is|are|was|were|be|been|has|have|had|that|which|found|show|showed|shown|reported)\b",
    re.I,
)
_REPEATS = 3
_LETTERS = re.compile(r"[^\W\d_]")


def furniture(lines: Sequence[Line], habits: Habits) -> set[int]:
    """Return the indices of the lines that are page furniture."""
    found = set()
    listed = _listed(lines)
    for at, line in enumerate(lines):
        alone = habits.is_apart(line) and all(map(habits.is_apart, lines[at + 1 : at + 2]))
        if line.width <= MAX_COLUMNS and (
            is_page_mark(line.shown)
            or (at not in listed and names_a_journal(line.shown, 2 if alone else 3))
        ):
            found.add(at)
    found |= _wrapped(lines, found, habits) - listed
    return found | _repeated(lines, listed) | _page_numbers(lines)


def _listed(lines: Sequence[Line]) -> set[int]:
    """Find the lines of reference lists, which name journals in every other line."""
    found: set[int] = set()
    inside = False
    for at, line in enumerate(lines):
        role = named_role(line)
        inside = role == "references" if role else inside
        if inside:
            found.add(at)
    return found


def is_page_mark(shown: str) -> bool:
    """Tell whether a line is nothing but a page number, set as one."""
    return bool(_PAGE_MARK.fullmatch(shown))


def names_a_journal(shown: str, signs_needed: int) -> bool:
    """Tell whether a line says so many times over that it is a journal's."""
    return not _is_prose(shown) and _signs(shown) >= signs_needed


def _is_prose(shown: str) -> bool:
    return bool(_PROSE.search(shown)) or shown.startswith(("[", "#"))


def _signs(shown: str) -> int:
    return sum(bool(sign.search(shown)) for sign in _JOURNAL_SIGNS)


def _wrapped(lines: Sequence[Line], found: set[int], habits: Habits) -> set[int]:
    """Find what a header that runs over two lines has on its other line."""
    pairs = [(at, at + 1) for at in range(len(lines) - 1) if lines[at + 1].blank_before == 0]
    beside = [pair for pair in pairs if len(found.intersection(pair)) == 1]
    return {
        at
        for pair in beside
        for at in set(pair) - found
        if lines[at].width < habits.full_width / 2
        and not lines[at].ends_sentence
        and not _is_prose(lines[at].shown)
        and _signs(lines[at].shown)
    }


def _repeated(lines: Sequence[Line], listed: set[int]) -> set[int]:
    """Find lines that come back, but for their numbers, at least `_REPEATS` times apart.

    Those that stand only in reference lists are lines of entries.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        key = re.sub(r"\d+|\s", "", line.shown).casefold()
        if (
            len(_LETTERS.findall(key)) >= 4
            and not line.ends_sentence
            and line.shown[0] not in "#|-*"
        ):
            places[key].append(at)
    return {
        at
        for repeats in places.values()
        if len(repeats) >= _REPEATS
        and not listed.issuperset(repeats)
        and all(after - before > 5 for before, after in pairwise(repeats))
        for at in repeats
    }


def _page_numbers(lines: Sequence[Line]) -> set[int]:
    """Find numbers alone on their lines that count the pages: each one more than the last."""
    alone = [at for at, line in enumerate(lines) if _BARE_NUMBER.fullmatch(line.shown)]
    found: set[int] = set()
    for before, after in pairwise(alone):
        if int(lines[after].shown) == int(lines[before].shown) + 1 and after - before > 5:
            found |= {before, after}
    return found
