"""Which lines are headings, and of what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .characters import columns
from .lines import Line

Role = Literal["front", "abstract", "keywords", "body", "references", "foreign"]

MAX_TITLE_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Heading:
    """A line, or the label that opens it, read as a heading.

    `level` 1 is the top; `number` is in canonical digits (`2. 1` is `"2.1"`), None without one;
    offsets are into the line's `folded` text: the title is `[title, end)`, and prose follows on
    the same line where `end` is not the line's end (`摘要: 肝脏疾病…`).
    """

    level: int
    number: str | None
    role: Role
    title: int
    end: int
    markup: int = 0


def _spaced(names: str) -> str:
    """Let the Chinese characters of each name stand apart (`更 正`)."""
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", r"\\s*", names)


_ROLES: dict[Role, str] = {
    "abstract": _spaced("摘要|内容摘要|中文摘要|英文摘要|提要|abstract|summary"),
    "keywords": _spaced(r"关键词|关键字|主题词|key\s?words?|index terms"),
    "references": _spaced(
        r"(?:主要)?参考文献(?:\s*\(?references?\)?)?|引用文献|references?(?: and notes| list)?|bibliography"
        "|literature cited|works cited"
    ),
    "foreign": _spaced(
        "更正|更正启事|更正声明|作者更正|勘误|勘误表|勘误启事|征稿启事|征订启事|稿约|投稿须知|启事|会讯|消息|告读者"
        "|errat(?:um|a)|corrigend(?:um|a)|corrections?|correction notice|call for papers"
        "|announcements?"
    ),
    "body": _spaced(
        "引言|前言|绪论|导言|简介|背景|方法|资料与方法|材料与方法|结果|讨论|结论|小结|总结|结语|展望|总结与展望"
        "|结论与展望|致谢|利益冲突|基金项目|introduction|background|(?:materials and )?methods?|results"
        "|discussion|results and discussion|conclusions?|conclusions? and (?:perspectives?|outlook)"
        "|concluding remarks|outlook|future (?:directions|perspectives)|limitations"
        "|acknowledge?ments?|funding|conflicts? of interests?|competing interests"
        "|author contributions"
    ),
}
_ALONE = {
    role: re.compile(rf"[【\[]?\s*({names})\s*[】\]]?\s*[:：]?", re.I)
    for role, names in _ROLES.items()
}
_LABELS: tuple[Role, ...] = ("abstract", "keywords")
_LABEL = {
    role: re.compile(
        rf"([【\[]\s*({_ROLES[role]})\s*[】\]]\s*[:：]?|({_ROLES[role]})\s*[:：—])\s*(?=\S)", re.I
    )
    for role in _LABELS
}
_LABEL["references"] = re.compile(
    rf"([【\[]\s*({_ROLES['references']})\s*[】\]]\s*[:：]?|({_ROLES['references']})\s*[:：]?)"
    r"\s*(?=[\[(【〔]?\s*1\s*[\])】〕.、])",
    re.I,
)
_MARKDOWN = re.compile(r"(#{1,6})\s+")
_DECIMAL = re.compile(r"(\d{1,2}(?:\s*\.\s*\d{1,2}){0,4})(\s*[.、)）])?(\s*)(?=[^\s\d.,%])")
_NUMERAL = re.compile(r"([(（]?)([一二三四五六七八九十]{1,3})(?:\s*[、.)）]|\s)\s*")
_NUMBERED = re.compile(
    r"[\d.\s]{1,14}[.、)）]?\s|\d[\d.]*[\u4e00-\u9fff]|[(（]?[一二三四五六七八九十]{1,3}[、.)）\s]"
)
_NOT_A_TITLE = re.compile(r"[。；！]|[，、；：,;:.]$")


class Headings:
    """Reads headings in the order of the text, since a number only counts in its place.

    `1300 名受试者` opens a line as `2.1 遗传因素` does; only the second can follow `2`.
    """

    def __init__(self) -> None:
        self._last: tuple[int, ...] = ()
        self._outer = 0
        self._body_begun = False

    def read(self, line: Line) -> Heading | None:
        """Return what the line is a heading of, or None where it is prose."""
        heading = (
            self._markdown(line) or self.named(line) or self._decimal(line) or self._numeral(line)
        )
        if heading and heading.role == "body":
            self._body_begun = True
        return heading

    def of(self, title: str, level: int) -> Heading:
        """Return what a line known to be a heading is a heading of; `level` where its number tells none."""
        found = _DECIMAL.match(title) or _NUMERAL.match(title)
        at = found.end() if found and _NUMBERED.match(title) else 0
        number = None
        if found and at:
            number = _canonical(found[1] if found.re is _DECIMAL else found[2])
        role = self._role_of(title[at:]) or "body"
        if role == "body":
            self._body_begun = True
        return Heading(level, number, role, at, len(title))

    def read_in_references(self, line: Line) -> Heading | None:
        """Return the heading that ends a reference list, or None: a number there is an entry's."""
        if heading := self._markdown(line) or self.named(line):
            return heading
        return (self._decimal(line) or self._numeral(line)) if named_role(line) else None

    def label(self, line: Line) -> Heading | None:
        """Return the heading that opens a line of prose (`摘要: …`), or None."""
        for role, pattern in _LABEL.items():
            found = pattern.match(line.folded)
            if found:
                return Heading(1, None, role, 0, len(found.group().rstrip()))
        return None

    def named(self, line: Line) -> Heading | None:
        """Return the heading that a line is if it is nothing but a usual one (`参考文献`), or None."""
        role = self._role_of(line.folded)
        return Heading(1, None, role, 0, len(line.folded)) if role else None

    def _role_of(self, title: str) -> Role | None:
        for role, pattern in _ALONE.items():
            if pattern.fullmatch(title):
                if role in ("abstract", "foreign") and self._body_begun != (role == "foreign"):
                    return "body"
                return role
        return None

    def _markdown(self, line: Line) -> Heading | None:
        found = _MARKDOWN.match(line.folded)
        if not found:
            return None
        at = found.end()
        numbered = _DECIMAL.match(line.folded, at)
        title = numbered.end() if numbered else at
        number = _canonical(numbered[1]) if numbered else None
        role = self._role_of(line.folded[title:]) or "body"
        return Heading(len(found[1]), number, role, title, len(line.folded), markup=at)

    def _decimal(self, line: Line) -> Heading | None:
        found = _DECIMAL.match(line.folded)
        if not found or not (
            found[2] or found[3] or "\u4e00" <= line.folded[found.end()] <= "\u9fff"
        ):
            return None
        number = _canonical(found[1])
        digits = tuple(map(int, number.split(".")))
        title = line.folded[found.end() :]
        role = self._role_of(title) or "body"
        if role != "references" and not (_may_be_title(title) and self._follows(digits)):
            return None
        self._last = digits
        return Heading(self._outer + len(digits), number, role, found.end(), len(line.folded))

    def _numeral(self, line: Line) -> Heading | None:
        found = _NUMERAL.match(line.folded)
        if not found or not _may_be_title(line.folded[found.end() :]):
            return None
        self._outer = 2 if found[1] else 1
        self._last = ()
        title = found.end()
        role = self._role_of(line.folded[title:]) or "body"
        return Heading(self._outer, found[2], role, title, len(line.folded))

    def _follows(self, digits: tuple[int, ...]) -> bool:
        """Tell whether this number may come next: a first child, or at most two on at a level."""
        last, depth = self._last, len(digits)
        if depth == len(last) + 1 and digits[:-1] == last:
            return digits[-1] <= 2
        return (
            depth <= len(last)
            and digits[:-1] == last[: depth - 1]
            and 1 <= digits[-1] - last[depth - 1] <= 2
        )


def named_role(line: Line) -> Role | None:
    """Return what a line names as a part of its own (`References`, `8 致谢`), numbered or not."""
    if _LABEL["references"].match(line.folded):
        return "references"
    title = _MARKDOWN.sub("", line.folded, count=1)
    for numbered in (_DECIMAL, _NUMERAL):
        title = numbered.sub("", title, count=1)
    return next((role for role, names in _ALONE.items() if names.fullmatch(title)), None)


def _canonical(number: str) -> str:
    return re.sub(r"\s", "", number)


def _may_be_title(title: str) -> bool:
    first = title[:1]
    return (
        (first.isalpha() or first in "“《(")
        and columns(title) <= MAX_TITLE_COLUMNS
        and not _NOT_A_TITLE.search(title)
    )
