"""What a reader hands over: characters, and what it knows of them so that nobody need guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .headings import Role
from .record import Record

Kind = Literal[
    "front",
    "heading",
    "paragraph",
    "item",
    "table",
    "caption",
    "entry",
    "footnote",
    "furniture",
    "hidden",
]
"""`front` is title and authors, `entry` one entry of the reference list; `footnote`, `furniture`
(running headers, page numbers) and `hidden` (what a page does not show) are no part of the text."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a document: raw spans in reading order, what they are, how deep a heading is.

    A paragraph that a page's end interrupts has several pieces. The pieces of a table are its
    cells, and a line end in the raw text parts its rows. `role` says what part of the document
    this is where the reader knows; without it a heading's words decide.
    """

    kind: Kind
    pieces: tuple[tuple[int, int], ...]
    level: int = 1
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader finds in a file; all offsets are into `raw`, which never changes.

    `pages` are the offsets at which pages begin, `labels` the numbers printed on them (None where
    a page has none). `blocks`, in reading order, hold every character that shows; without them
    layout repair tells headings and paragraphs apart by the lines. `superscripts` are spans set
    as superscripts. `record` is what the file says of itself as a publication.
    """

    raw: str
    pages: tuple[int, ...] = ()
    labels: tuple[str | None, ...] = ()
    blocks: tuple[Block, ...] = ()
    superscripts: tuple[tuple[int, int], ...] = ()
    record: Record = field(default_factory=Record)


@dataclass(frozen=True, slots=True)
class Words:
    """A run of text as it is being read, with its superscripts by their offsets in it."""

    text: str
    superscripts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def joined(cls, parts: Iterable[tuple[str, bool]]) -> Words:
        """Put together `(text, whether it is superscript)`; white space at the ends is left out."""
        text, raised = "", []
        for part, superscript in parts:
            if superscript and part.strip():
                raised.append((len(text), len(text) + len(part)))
            text += part
        before = len(text) - len(text.lstrip())
        shown = text.strip()
        spans = ((max(a - before, 0), min(b - before, len(shown))) for a, b in raised)
        return cls(shown, tuple((a, b) for a, b in spans if a < b))


class Composer:
    """Puts the raw text of a document together, block by block, for readers of marked-up files."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = 0
        self._blocks: list[Block] = []
        self._superscripts: list[tuple[int, int]] = []

    def add(self, kind: Kind, words: Words, level: int = 1, role: Role | None = None) -> None:
        """Append one block; nothing where there are no words."""
        if words.text:
            span = self._write(words)
            self._blocks.append(Block(kind, (span,), level, role))
            self._gap("\n\n")

    def add_table(self, rows: Sequence[Sequence[Words]]) -> None:
        """Append a table, a row a line; cells without words are left out."""
        cells: list[tuple[int, int]] = []
        for row in rows:
            filled = [cell for cell in row if cell.text]
            for at, cell in enumerate(filled):
                cells.append(self._write(cell))
                self._gap("\n" if at + 1 == len(filled) else "\t")
        if cells:
            self._blocks.append(Block("table", tuple(cells)))
            self._gap("\n")

    def extract(self, record: Record | None = None, pages: Sequence[int] = ()) -> Extract:
        """Return what was put together."""
        return Extract(
            "".join(self._parts),
            pages=tuple(pages),
            blocks=tuple(self._blocks),
            superscripts=tuple(self._superscripts),
            record=record or Record(),
        )

    def _write(self, words: Words) -> tuple[int, int]:
        start = self._at
        self._gap(words.text)
        self._superscripts += [(start + first, start + last) for first, last in words.superscripts]
        return start, self._at

    def _gap(self, text: str) -> None:
        self._parts.append(text)
        self._at += len(text)
