"""The other way round: which sentences cite an entry of a bibliography."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from index import Library
from sources import Cited, Reference, Review, fold

from .answer import Quote
from .errors import QuestionError

_NUMBER = re.compile(r"[\[［【(（]?\s*(\d{1,4})\s*[\]］】)）]?")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/\S+)", re.I)
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Citing:
    """One work that a review cites, and the sentences that cite it, in order.

    `reference` is None where the review's file has no such entry; `marker` is then what cites it.
    """

    review: Review
    marker: int | str | None
    reference: Reference | None
    quotes: tuple[Quote, ...]

    @property
    def text(self) -> str | None:
        """The entry as it stands in the review."""
        entry = self.reference
        return self.review.text[entry.start : entry.end] if entry else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the JSON object that `docs/json.md` describes."""
        return {
            "source": {
                "id": self.review.id,
                "title": self.review.title,
                "file": self.review.file,
                "sha256": self.review.sha256,
            },
            "marker": self.marker,
            "text": self.text,
            "csl": dict(self.reference.csl) if self.reference and self.reference.csl else None,
            "quotes": [quote.as_dict() for quote in self.quotes],
        }


def citing(library: Library, entry: str, sources: Collection[str] | None = None) -> list[Citing]:
    """Return the entries of every review that a number, a DOI or words name, each with the
    sentences that cite it.

    Words may be of the authors, the year, the title: an entry must hold them all. Raises
    QuestionError for a number where it does not say in which review, or for no words at all, and
    LibraryError for an unknown source, or where the file of a quote has changed.
    """
    if sources is not None:
        library.demand(sources)
    reviews = [review for id, review in library.reviews.items() if sources is None or id in sources]
    number = _NUMBER.fullmatch(entry.strip())
    if number and len(reviews) > 1:
        raise QuestionError(
            f"{number[1]}: 每篇综述都有这个标号，请用 --source 说明是哪一篇 / every review has this number; "
            "name one with --source"
        )
    if number:
        cited = [found for review in reviews for found in _numbered(review, int(number[1]))]
    else:
        wanted = _Wanted(entry)
        cited = [found for review in reviews for found in _named(review, wanted)]
    library.demand_unchanged({found.review for found in cited})
    for found in cited:
        for quote in found.quotes:
            quote.prove()
    return cited


class _Wanted:
    """What an entry must hold: a DOI, or every one of some words."""

    def __init__(self, entry: str) -> None:
        doi = _DOI.fullmatch(entry.strip())
        self._doi = doi[1].casefold().rstrip(".,;") if doi else None
        self._words = [fold(word) for word in _WORD.findall(entry)]
        if not self._words:
            raise QuestionError(
                "请给出标号、作者、年份、DOI 或题名里的词 / name a number, author, year, DOI or words of the title"
            )

    def is_in(self, review: Review, reference: Reference) -> bool:
        if self._doi:
            return str(reference.csl.get("DOI", "")).casefold() == self._doi
        return self.is_said(review.text[reference.start : reference.end])

    def is_said(self, text: str) -> bool:
        if self._doi:
            return False
        words = _WORD.findall(text)
        chinese = fold("".join(word for word in words if "\u3400" <= word[0] <= "\u9fff"))
        held = {fold(word) for word in words}
        held |= {word[:4] for word in held if re.fullmatch(r"(?:19|20)\d\d[a-z]", word)}
        return all(
            word in held or (word[0] >= "\u3400" and word in chinese) for word in self._words
        )


def _numbered(review: Review, marker: int) -> Iterator[Citing]:
    entry = review.bibliography.by_number(marker)
    quotes = tuple(quote for cited, quote in _citations(review) if cited.marker == marker)
    if entry or quotes:
        yield Citing(review, marker, entry, _once(quotes))


def _named(review: Review, wanted: _Wanted) -> Iterator[Citing]:
    entries = [entry for entry in review.references if wanted.is_in(review, entry)]
    if not entries and review.is_cited_by_number:
        return
    citations = list(_citations(review))
    for entry in entries:
        quotes = [quote for cited, quote in citations if cited.reference is entry]
        yield Citing(review, entry.marker, entry, _once(quotes))
    for cited, quote in citations:
        words = review.text[cited.start : cited.end]
        if cited.marker is None and cited.reference is None and wanted.is_said(words):
            yield Citing(review, words, None, (quote,))


def _citations(review: Review) -> Iterator[tuple[Cited, Quote]]:
    """Yield every citation in the prose of a review, with the sentence that makes it as a quote."""
    for passage in review.passages:
        for sentence in passage.sentences:
            quote = Quote(passage.span, (sentence,), passage.section, 1.0)
            for cited in review.cited(sentence.start, sentence.end):
                yield cited, quote


def _once(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple({quote.highlights: quote for quote in quotes}.values())
