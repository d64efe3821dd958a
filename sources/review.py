"""A review as supplied and as read: every word of it is an offset into one immutable text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property

from .alignment import Alignment
from .characters import is_han, language
from .citing import Bibliography, Cited, read_cited
from .layout import Layout, Section, SetAside
from .markers import read_markers
from .parts import Sort
from .record import Record
from .references import Reference, counted, read_references
from .sentences import passages, rows, sentences, with_label

_QUOTABLE = ("abstract", "body")


@dataclass(frozen=True)
class Review:
    """One document: its raw characters never change, its text is them with the layout repaired.

    `place` is the path it was read from, `pages` the raw offsets at which its pages begin (empty
    where the file has none), `labels` the numbers printed on them, `superscripts` the raw spans set
    as superscripts. Two reviews are equal if they have the same id and the same bytes.
    """

    id: str
    sha256: str
    file: str = field(compare=False)
    place: str = field(compare=False, repr=False)
    record: Record = field(compare=False, repr=False)
    raw: str = field(compare=False, repr=False)
    layout: Layout = field(compare=False, repr=False)
    pages: tuple[int, ...] = field(default=(), compare=False, repr=False)
    labels: tuple[str | None, ...] = field(default=(), compare=False, repr=False)
    superscripts: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)

    @property
    def title(self) -> str:
        return self.record.title

    @property
    def text(self) -> str:
        return self.layout.text

    @property
    def alignment(self) -> Alignment:
        return self.layout.alignment

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.layout.sections

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        return self.layout.set_aside

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        cited = {
            number
            for part in self.sections
            if part.role in _QUOTABLE
            for found in read_markers(
                self.text[part.start : part.end], self._raised_within(part.start, part.end)
            )
            for number in found.numbers
        }
        return counted(read_references(self.layout, self.raw), cited)

    @cached_property
    def bibliography(self) -> Bibliography:
        return Bibliography(self.references)

    @cached_property
    def is_cited_by_number(self) -> bool:
        """Whether `[13]` cites in this review, and not `(Smith, 2019)`.

        A list without numbers does not tell; then what there is more of in the text does.
        """
        numbers = len(self._cited(0, len(self.text), by_number=True))
        if self.bibliography.is_numbered:
            return numbers > 0
        return numbers >= len(self._cited(0, len(self.text), by_number=False))

    def cited(self, start: int, end: int) -> tuple[Cited, ...]:
        """Return every work cited in the text `[start, end)`, in order; offsets are the text's."""
        return self._cited(start, end, self.is_cited_by_number)

    def _cited(self, start: int, end: int, by_number: bool) -> tuple[Cited, ...]:
        within = self._raised_within(start, end)
        found = read_cited(self.text[start:end], self.bibliography, by_number, within)
        moved = (replace(each, start=each.start + start, end=each.end + start) for each in found)
        return tuple(each for each in moved if not self._is_list_number(each))

    def _is_list_number(self, cited: Cited) -> bool:
        """Tell whether a bracketed number opens a paragraph, as an item of a list does."""
        at = bisect_left(self.layout.paragraphs, (cited.start, cited.start))
        opens = self.layout.paragraphs[at : at + 1]
        after = self.text[cited.end : cited.end + 2].lstrip()[:1]
        return (
            bool(opens)
            and opens[0][0] == cited.start
            and cited.marker is not None
            and (after.isupper() or bool(after and is_han(after)))
        )

    def _raised_within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the superscripts in the text `[start, end)`, counted from its start."""
        return [
            (first - start, min(last, end) - start)
            for first, last in self._raised.items()
            if start <= first < end
        ]

    def is_raised(self, start: int) -> bool:
        """Tell whether a superscript begins at a text offset."""
        return start in self._raised

    @cached_property
    def _raised(self) -> dict[int, int]:
        """Where each superscript starts in the text, and where it ends."""
        found = {}
        for first, last in self.superscripts:
            span = self.alignment.text_span(first, last)
            if span:
                found[span[0]] = span[1]
        return found

    @cached_property
    def language(self) -> str:
        """`"zh"` or `"en"`, by what most of it is written in."""
        return self.record.language or language(self.text)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage that may be quoted, in order: abstracts, prose, captions, tables."""
        found: list[Passage] = []
        for start, end in self.layout.paragraphs:
            section = self.section_at(start)
            if section is None or self.sections[section].role not in _QUOTABLE:
                continue
            cut = self._cut(start, end)
            for first, last in passages(self.text, cut):
                spans = tuple(Span(self, *cut[at]) for at in range(first, last))
                found.append(Passage(Span(self, spans[0].start, spans[-1].end), section, spans))
        return tuple(found)

    def _cut(self, start: int, end: int) -> list[tuple[int, int]]:
        """Cut a paragraph into what is quoted of it at the least: sentences, rows of a table."""
        sort = self.sort_at(start)
        if sort == "table":
            return rows(self.text, start, end)
        cut = sentences(self.text, start, end, self._raised)
        return with_label(self.text, cut) if sort == "caption" else cut

    def sentences_of(self, passage: Span) -> tuple[Span, ...]:
        """Return the sentences of one passage, without cutting the rest of the review."""
        paragraphs = self.layout.paragraphs
        at = bisect_right(paragraphs, passage.start, key=lambda each: each[0]) - 1
        spans = (Span(self, *each) for each in self._cut(*paragraphs[at]))
        return tuple(each for each in spans if passage.start <= each.start < passage.end)

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Every sentence of the passages, in order."""
        return tuple(sentence for passage in self.passages for sentence in passage.sentences)

    def sort_at(self, start: int) -> Sort:
        """Tell whether prose, a caption or a table stands at a text offset."""
        floats = self.layout.floats
        at = bisect_right(floats, start, key=lambda each: each.start) - 1
        return floats[at].sort if at >= 0 and start < floats[at].end else "prose"

    def section_at(self, start: int) -> int | None:
        """Return the index of the section whose prose holds the text offset, or None."""
        at = bisect_right(self.sections, start, key=lambda section: section.start) - 1
        return at if at >= 0 and start < self.sections[at].end else None

    def section_title(self, section: int) -> str:
        """Return the title of a section, without number; empty where it has no heading."""
        return self.text[slice(*self.sections[section].title)].rstrip(":： ")

    def section_path(self, section: int) -> tuple[str, ...]:
        """Return the headings from the top of the outline down to a section, numbers included."""
        part = self.sections[section]
        above = self.section_path(part.parent) if part.parent is not None else ()
        title = self.section_title(section)
        heading = f"{part.number} {title}" if part.number else title
        return (*above, heading) if heading else above

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [at + 1 for at, char in enumerate(self.raw) if char == "\n"]

    def line_at(self, raw_offset: int) -> int:
        """Return the line of the raw file that holds an offset, counted from 1."""
        return bisect_right(self._line_starts, raw_offset)

    def page_at(self, raw_offset: int) -> int | None:
        """Return the page of the file that holds an offset, counted from 1; None without pages."""
        return bisect_right(self.pages, raw_offset) if self.pages else None

    def page_label_at(self, raw_offset: int) -> str | None:
        """Return the number printed on the page that holds an offset; None where it has none."""
        page = self.page_at(raw_offset)
        return self.labels[page - 1] if page and page <= len(self.labels) else None


@dataclass(frozen=True, slots=True)
class Span:
    """`[start, end)` of one review's text, never empty; it holds no words of its own."""

    review: Review
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.review.text[self.start : self.end]

    @property
    def raw_start(self) -> int:
        return self.review.alignment.raw(self.start)

    @property
    def raw_end(self) -> int:
        return self.review.alignment.raw(self.end - 1) + 1

    @property
    def raw(self) -> str:
        """The same words as they stand in the file, its line breaks and all."""
        return self.review.raw[self.raw_start : self.raw_end]

    @property
    def line(self) -> int:
        return self.review.line_at(self.raw_start)

    @property
    def line_end(self) -> int:
        return self.review.line_at(self.raw_end - 1)

    @property
    def page(self) -> int | None:
        return self.review.page_at(self.raw_start)

    @property
    def page_label(self) -> str | None:
        return self.review.page_label_at(self.raw_start)

    @property
    def language(self) -> str:
        return language(self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences under one heading; `section` is an index into the review's."""

    span: Span
    section: int
    sentences: tuple[Span, ...]
