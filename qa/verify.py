"""Replay receipts: is each quote still what stands in its file, word for word?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Library
from sources import REPAIR_VERSION, Review, SourceError, Span, read_bytes

from .answer import Quote
from .errors import AnswerError

_COMPARED = ("text", "highlight", "highlights", "section", "location", "markers", "references")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one quote: `number` counts from 1 within its answer; no fault means whole."""

    answer: str | None
    number: int
    source: str
    fault: str | None


class Verifier:
    """Checks quotes against the files of a library, each file read and repaired anew once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: dict[str, Review | str] = {}

    def verify(self, answer: Mapping[str, Any]) -> Iterator[Verdict]:
        """Replay every quote of an answer, the nearest included.

        Raises AnswerError if this is not an answer as `docs/json.md` describes it.
        """
        for number, told in enumerate(_quotes(answer), 1):
            with _complete(number):
                fault = self._fault(told)
                source = str(told["source"]["id"])
            yield Verdict(answer.get("id"), number, source, fault)

    def quotes(self, answer: Mapping[str, Any]) -> Iterator[Quote]:
        """Yield what the receipts of an answer prove, read from the files, the nearest left out.

        Raises AnswerError for a receipt that proves nothing.
        """
        _quotes(answer)
        for number, told in enumerate(answer["quotes"], 1):
            with _complete(number):
                review = self._review(told)
                rebuilt = review if isinstance(review, str) else _rebuild(told, review)
            if isinstance(rebuilt, str):
                raise AnswerError(rebuilt)
            yield rebuilt

    def _fault(self, told: Mapping[str, Any]) -> str | None:
        receipt = told["receipt"]
        review = self._review(told)
        if isinstance(review, str):
            return review
        if receipt["repair"] != REPAIR_VERSION:
            return (
                f"凭据出自整理版本 {receipt['repair']}，本程序为 {REPAIR_VERSION} / the receipt was made by "
                f"repair version {receipt['repair']}, this is {REPAIR_VERSION}; ask again"
            )
        quote = _rebuild(told, review)
        if isinstance(quote, str):
            return quote
        if hashlib.sha256(quote.text.encode()).hexdigest() != receipt["text_sha256"]:
            return "文字与凭据的哈希不符 / the words do not match the receipt's hash"
        true = quote.as_dict()
        wrong = [name for name in _COMPARED if _proven(told[name]) != _proven(true[name])]
        if wrong:
            return (
                f"与原文不符：{', '.join(wrong)} / not as it stands in the file: {', '.join(wrong)}"
            )
        return None

    def _review(self, told: Mapping[str, Any]) -> Review | str:
        sha256 = told["receipt"]["sha256"]
        if sha256 not in self._read:
            self._read[sha256] = self._replay(sha256, str(told["source"]["file"]))
        return self._read[sha256]

    def _replay(self, sha256: str, file: str) -> Review | str:
        """Read the file of these bytes anew, or say why that cannot be done."""
        held = [review for review in self._library.reviews.values() if review.sha256 == sha256]
        if not held:
            return f"{file}: 库中没有这个版本的文件 / the library does not hold this file; add it again"
        review = held[0]
        data = self._library.data(review.id)
        place = Path(review.place)
        if hashlib.sha256(data).hexdigest() != sha256:
            return f"{file}: 库中文件已损坏 / the stored file is damaged; run `yuanwen add {place}`"
        if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() != sha256:
            return f"{place}: 文件已改动 / the file has changed since it was quoted"
        try:
            return read_bytes(data, place, review.record, review.id)
        except SourceError as error:
            return str(error)


@contextmanager
def _complete(number: int) -> Iterator[None]:
    """Say in one line what a quote lacks, whatever stands in its place."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise AnswerError(
            f"引文 {number}: 不完整（{error!r}）/ quote {number} lacks what a receipt needs"
        ) from None


def _proven(value: Any) -> Any:
    """Leave out what this program reads off an entry: the receipt proves its words."""
    if not isinstance(value, list):
        return value
    return [
        {key: told for key, told in each.items() if key != "csl"}
        if isinstance(each, dict)
        else each
        for each in value
    ]


def _quotes(answer: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    try:
        return [*answer["quotes"], *answer["nearest"]]
    except (KeyError, TypeError):
        raise AnswerError(
            "不是本程序的回答（缺 quotes）/ this is not an answer: it has no quotes; "
            "make one with `yuanwen ask --json`"
        ) from None


def _rebuild(told: Mapping[str, Any], review: Review) -> Quote | str:
    """Cut the quote out of the review again, by the offsets of its receipt alone."""
    receipt = told["receipt"]
    span = review.alignment.text_span(int(receipt["raw_start"]), int(receipt["raw_end"]))
    section = span and review.section_at(span[0])
    if span is None or section is None:
        return "凭据所指的位置没有正文 / there is no text where the receipt points"
    start, end = span
    highlights = tuple(
        Span(review, start + int(mark["start"]), start + int(mark["end"]))
        for mark in told["highlights"]
    )
    if not highlights or not all(start <= mark.start < mark.end <= end for mark in highlights):
        return "高亮超出引文 / a highlight lies outside the quote"
    return Quote(Span(review, start, end), highlights, section, float(told["score"]))
