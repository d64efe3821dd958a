"""What comes back: an answer is quotes, or none. No field of it can hold prose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sources import REPAIR_VERSION, Cited, Reference, Review, Span

from .proving import prove

Status = Literal["answered", "not_found"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What lets anyone replay a quote.

    `sha256` names the file by its bytes; `[raw_start, raw_end)` are characters of the file as
    decoded; `text_sha256` is of the quote's UTF-8 text once layout repair of version `repair` is
    done.
    """

    sha256: str
    raw_start: int
    raw_end: int
    text_sha256: str
    repair: int


@dataclass(frozen=True)
class Quote:
    """A passage with the sentences that answer highlighted; every word is an offset into a review.

    `section` is an index into the review's sections; `score` ranks quotes of one answer.
    """

    passage: Span
    highlights: tuple[Span, ...]
    section: int
    score: float

    @property
    def review(self) -> Review:
        return self.passage.review

    @property
    def text(self) -> str:
        return self.passage.text

    @property
    def highlight(self) -> str:
        """The highlighted sentences, joined as they stand."""
        return "".join(span.text for span in self.highlights)

    @cached_property
    def cited(self) -> tuple[Cited, ...]:
        """Every work that the highlighted sentences cite, in order of appearance."""
        return tuple(
            cited for span in self.highlights for cited in self.review.cited(span.start, span.end)
        )

    @cached_property
    def markers(self) -> tuple[int | str, ...]:
        """What the highlighted sentences cite by: numbers, or names and years as they stand."""
        return tuple(dict.fromkeys(marker for marker, _ in self.references))

    @cached_property
    def references(self) -> tuple[tuple[int | str, Reference | None], ...]:
        """Each marker with the entry of the review's bibliography, or None where it has none.

        A marker by name may stand for several works, one a year: `Smith, 2019a, b`.
        """
        return tuple(dict.fromkeys((self._marker(cited), cited.reference) for cited in self.cited))

    def _marker(self, cited: Cited) -> int | str:
        return cited.marker or self.review.text[cited.start : cited.end]

    @property
    def page(self) -> int | None:
        """The page on which the first highlighted sentence begins; None without pages."""
        return self.highlights[0].page

    @property
    def page_label(self) -> str | None:
        """The number printed on that page, where it has one."""
        return self.highlights[0].page_label

    def citation(self, style: str = "plain") -> str:
        """Return the quote's citation; see `qa.cite.STYLES` for the styles."""
        from .cite import cite

        return cite(self, style)

    def prove(self) -> None:
        """Raise QuoteError unless every word shown stands in the source where the quote says."""
        prove(self.passage, self.highlights)

    def receipt(self) -> Receipt:
        """Return what lets anyone replay this quote from the file alone."""
        return Receipt(
            self.review.sha256,
            self.passage.raw_start,
            self.passage.raw_end,
            hashlib.sha256(self.text.encode()).hexdigest(),
            REPAIR_VERSION,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the quote as the JSON object that `docs/json.md` describes.

        Raises QuoteError if it is not what stands in its source.
        """
        self.prove()
        receipt = self.receipt()
        section = self.review.sections[self.section]
        return {
            "text": self.text,
            "highlight": self.highlight,
            "highlights": [
                {"start": span.start - self.passage.start, "end": span.end - self.passage.start}
                for span in self.highlights
            ],
            "source": {
                "id": self.review.id,
                "title": self.review.title,
                "file": self.review.file,
                "sha256": self.review.sha256,
            },
            "section": {
                "number": section.number,
                "title": self.review.section_title(self.section) or None,
                "path": list(self.review.section_path(self.section)),
            },
            "location": {
                "raw_start": receipt.raw_start,
                "raw_end": receipt.raw_end,
                "line_start": self.passage.line,
                "line_end": self.passage.line_end,
                "page": self.passage.page,
                "page_label": self.passage.page_label,
            },
            "markers": list(self.markers),
            "references": [
                _reference_as_dict(self.review, marker, entry) for marker, entry in self.references
            ],
            "score": round(self.score, 6),
            "receipt": {
                "sha256": receipt.sha256,
                "raw_start": receipt.raw_start,
                "raw_end": receipt.raw_end,
                "text_sha256": receipt.text_sha256,
                "repair": receipt.repair,
            },
        }


def _reference_as_dict(
    review: Review, marker: int | str, entry: Reference | None
) -> dict[str, Any]:
    if entry is None:
        return {"marker": marker, "text": None}
    told = {"marker": marker, "text": review.text[entry.start : entry.end]}
    return {**told, "csl": dict(entry.csl)} if entry.csl else told


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotes that answer a question, or none and the nearest that do not.

    `confidence` is the probability, 0 to 1, that the first quote answers the question; `read_as`
    the question as understood, all of it the user's own words.
    """

    question: str
    status: Status
    confidence: float
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...]
    read_as: str

    def as_dict(self, id: str | None = None) -> dict[str, Any]:
        """Return the answer as the JSON object that `docs/json.md` describes."""
        return {
            "id": id,
            "question": self.question,
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "quotes": [quote.as_dict() for quote in self.quotes],
            "nearest": [quote.as_dict() for quote in self.nearest],
            "read_as": self.read_as,
        }
