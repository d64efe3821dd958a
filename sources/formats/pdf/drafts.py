"""Drafts of blocks: rows that go on with one another, put together by how they are set.

Where a row could have held the first word of the next and ends a sentence, a paragraph ends; a
paragraph that a column's or page's end cuts goes on after the captions, tables and footnotes that
stand between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...extract import Kind
from ...headings import Headings
from .glyphs import Rule
from .rows import CAPTION, Row

_FOOTNOTE = re.compile(
    r"[*†‡§¶#※①-⑳]|收稿日期|修回日期|基金项目|作者简介|作者单位|通信作者|通讯作者|注[:：]"
    r"|(?:\*\s*)?correspond|correspondence|abbreviations|received\b|e-?mail|funding:|conflicts? of"
    r"|supported by|address for|©|\(c\)|copyright",
    re.I,
)
_BULLET = re.compile(r"[•●▪◦‣■]\s*\S")
_NUMBERED = re.compile(
    r"[\[［【(（]?\s*(\d{1,3}(?:\.\d{1,2}){0,3})\s*(?:[\]］】)）.、]|\s)\s*(?=\D)"
)
_GOES_ON = tuple(",，、;；:：-–—(（/")
_SMALL = 0.96
_INDENT = 0.8
_GAP = 1.3
_ROOM = 0.4
_DEEP = 6.0
_LARGER = 1.08


@dataclass
class Draft:
    """Rows that make one block; `kind` may still change once all are known."""

    kind: Kind
    rows: list[Row]
    level: int = 1

    @property
    def size(self) -> float:
        return max(self.rows, key=lambda row: len(row.text)).size if not self.rows[0].table else 0.0

    @property
    def bold(self) -> bool:
        return all(row.bold for row in self.rows)

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)

    @property
    def ends_sentence(self) -> bool:
        return self.rows[-1].ends_sentence


@dataclass(frozen=True, slots=True)
class Body:
    """How the running text of a document is set: its size, and the step from row to row."""

    size: float
    leading: float


def drafts(
    pages: Sequence[Sequence[Row]], rules: Sequence[Sequence[Rule]], body: Body
) -> list[Draft]:
    """Put the rows of all pages together into drafts, in the order of their first rows."""
    found: list[Draft] = []
    current: Draft | None = None
    cut: Draft | None = None
    before: Row | None = None
    for listed, lines in zip(pages, rules, strict=True):
        notes = _footnotes(listed, lines, body)
        for row in listed:
            kind = _kind(row, notes, current, body)
            if current and before and _follows(current, before, row, kind, body):
                current.rows.append(row)
            elif cut and kind == "paragraph" and _resumes(cut, before, row, body):
                cut.rows.append(row)
                current = cut
            else:
                current = Draft(kind, [row])
                found.append(current)
                if kind == "paragraph":
                    cut = current
            before = row
    return found


def _kind(row: Row, notes: set[int], current: Draft | None, body: Body) -> Kind:
    if row.table:
        return "table"
    if id(row) in notes:
        return "footnote"
    return "caption" if _is_caption(row, current, body) else "paragraph"


def _follows(draft: Draft, before: Row, row: Row, kind: Kind, body: Body) -> bool:
    """Tell whether a row stands right below the last of a draft and goes on with it."""
    if draft.rows[-1] is not before or "table" in (draft.kind, kind) or kind == "caption":
        return False
    if (kind == "footnote") != (draft.kind == "footnote"):
        return False
    leading = max(body.leading * before.size / body.size, before.size)
    if row.page != before.page or not 0 < row.base - before.base <= _GAP * leading:
        return False
    if row.x0 > before.x1 or row.x1 < before.x0 or not _same_style(draft, row):
        return False
    return kind == "footnote" or not _ends_paragraph(draft, row, body)


def _same_style(draft: Draft, row: Row) -> bool:
    if abs(draft.rows[-1].size - row.size) > 0.06 * row.size:
        return False
    if draft.kind == "caption" or draft.bold == row.bold:
        return True
    return not draft.bold and not draft.ends_sentence


def _ends_paragraph(draft: Draft, row: Row, body: Body) -> bool:
    """Tell whether a draft is complete although a row of its style follows right below."""
    before, first = draft.rows[-1], draft.rows[0]
    if _opens_anew(first, row):
        return True
    if before.size > _LARGER * body.size or (draft.bold and draft.kind != "caption"):
        return False  # a title is broken for its looks
    hangs = before.x0 - first.x0 > _INDENT * row.size and abs(row.x0 - first.x0) < 0.3 * row.size
    if hangs and len(draft.rows) > 1 and first.x0 - first.left < 0.3 * row.size:
        return True
    if before.ends_sentence:
        return _fits(before, row) or row.x0 - min(before.x0, row.left + _DEEP * row.size) > (
            _INDENT * row.size
        )
    if draft.kind == "caption" or before.text.endswith(_GOES_ON) or row.text[0].islower():
        return False
    room = before.right - before.x1
    return room > _ROOM * (before.right - before.left) and _fits(before, row)


def _opens_anew(first: Row, row: Row) -> bool:
    """Tell whether a row has the number that follows the one a draft opens with, or a bullet."""
    if _BULLET.match(row.text) or Headings().label(row.line):
        return True
    number, last = _NUMBERED.match(row.text), _NUMBERED.match(first.text)
    if not number or not last:
        return False
    before, after = (tuple(map(int, found[1].split("."))) for found in (last, number))
    if after == (*before, 1):
        return True
    depth = len(after)
    return depth <= len(before) and after == (*before[: depth - 1], before[depth - 1] + 1)


def _fits(before: Row, row: Row) -> bool:
    """Tell whether the first word of a row would have fitted at the end of the one before."""
    return before.right - before.x1 > row.first_word + 0.3 * row.size


def _resumes(draft: Draft, above: Row | None, row: Row, body: Body) -> bool:
    """Tell whether a row goes on with a paragraph that a column's end, a caption or a table cut."""
    before = draft.rows[-1]
    if above is before and before.leaf == row.leaf:
        return False
    if abs(before.size - row.size) > 0.06 * row.size or _opens_anew(draft.rows[0], row):
        return False
    if draft.bold or row.bold or before.size > _LARGER * body.size:
        return False
    if before.ends_sentence:
        indent = row.x0 - row.left
        usual = before.x0 - before.left if len(draft.rows) > 1 else 0.0
        return not (_fits(before, row) or abs(indent - usual) > _INDENT * row.size)
    return (
        row.text[0].islower()
        or before.text.endswith(_GOES_ON)
        or before.right - before.x1 < _ROOM * (before.right - before.left)
    )


def _is_caption(row: Row, before: Draft | None, body: Body) -> bool:
    """Tell whether a row opens a caption, not a sentence that speaks of a table or figure."""
    found = CAPTION.match(row.text)
    if not found:
        return False
    if (found["en"] or found["zh"] or "").strip():
        return True
    label = row.runs[0].glyphs[0]
    return (
        row.size < _SMALL * body.size
        or label.bold
        or (before is not None and before.kind == "table")
    )


def _footnotes(listed: Sequence[Row], rules: Sequence[Rule], body: Body) -> set[int]:
    """Find the small rows at the foot of each column that a mark, a word or a rule sets apart."""
    leaves: dict[int, list[Row]] = {}
    for row in listed:
        leaves.setdefault(row.leaf, []).append(row)
    found: set[int] = set()
    for rows in leaves.values():
        first = len(rows)
        while first and not rows[first - 1].table and rows[first - 1].size <= _SMALL * body.size:
            first -= 1
        for at in range(first, len(rows)):
            if _is_caption(rows[at], None, body):
                break
            if _opens_footnotes(rows[at], rules):
                found |= {id(row) for row in rows[at:]}
                break
    return found


def _opens_footnotes(row: Row, rules: Sequence[Rule]) -> bool:
    if row.starts_raised or _FOOTNOTE.match(row.text):
        return True
    return any(
        rule.lies
        and 0 < row.base - rule.bottom < 2.2 * row.size
        and abs(rule.x0 - row.left) < 2 * row.size
        and rule.x1 - rule.x0 < 0.6 * (row.right - row.left)
        for rule in rules
    )
