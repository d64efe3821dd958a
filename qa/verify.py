"""Replay receipts: is each quote still what stands in its file, word for word?"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from index import Library
from sources import REPAIR_VERSION, Record, Review, SourceError, Span, load, read_bytes
from sources.characters import is_layout

from .answer import Quote
from .differences import changed_words
from .errors import AnswerError

_COMPARED = ("text", "highlight", "highlights", "section", "location", "markers", "references")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one quote: `number` counts from 1 within its answer; no fault means whole.

    `changes` are short lines, `- old` and `+ new`, where a newer version of the file is at hand.
    """

    answer: str | None
    number: int
    source: str
    fault: str | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proof:
    """What there is to check a quote against: its own file's review, or why there is none.

    `newer` is a later version of the same file.
    """

    review: Review | None
    fault: str | None = None
    newer: Review | None = None


class Verifier:
    """Checks quotes against files, each read and repaired anew once.

    Against `files` first, which need not be in any library, then against those that a library
    holds; it is opened only if it is needed.
    """

    def __init__(
        self, library: Library | Callable[[], Library], files: Sequence[Path] = ()
    ) -> None:
        self._given = library
        self._files = [(path, load(path)) for path in files]
        self._proofs: dict[tuple[str, str, str], _Proof] = {}

    @cached_property
    def _library(self) -> Library:
        return self._given if isinstance(self._given, Library) else self._given()

    def verify(self, answer: Mapping[str, Any]) -> Iterator[Verdict]:
        """Replay every quote of an answer, the nearest included.

        Raises AnswerError if this is not an answer as `docs/json.md` describes it.
        """
        for number, told in enumerate(_quotes(answer), 1):
            with _complete(number):
                proof = self._proof(told)
                fault = proof.fault
                if fault is None and proof.review:
                    fault = _fault(told, proof.review)
                source = str(told["source"]["id"])
                changes = _changes(told, proof) if proof.newer else ()
            yield Verdict(answer.get("id"), number, source, fault, changes)

    def quotes(self, answer: Mapping[str, Any]) -> Iterator[Quote]:
        """Yield what the receipts of an answer prove, read from the files, the nearest left out.

        Raises AnswerError for a receipt that proves nothing.
        """
        _quotes(answer)
        for number, told in enumerate(answer["quotes"], 1):
            with _complete(number):
                proof = self._proof(told)
                rebuilt = _rebuild(told, proof.review) if proof.review else str(proof.fault)
            if isinstance(rebuilt, str):
                raise AnswerError(rebuilt)
            rebuilt.prove()
            yield rebuilt

    def _proof(self, told: Mapping[str, Any]) -> _Proof:
        sha256, source = str(told["receipt"]["sha256"]), told["source"]
        key = (sha256, str(source["id"]), str(source["file"]))
        if key not in self._proofs:
            self._proofs[key] = self._among_files(*key) or self._in_library(*key)
        return self._proofs[key]

    def _among_files(self, sha256: str, id: str, file: str) -> _Proof | None:
        """Look for a file among those given; by its hash, or its name for a later version."""
        for path, data in self._files:
            if hashlib.sha256(data).hexdigest() == sha256:
                return _read(data, path)
        for path, data in self._files:
            if path.name == file:
                said = f"{path}: 与引用时不是同一文件 / not the file that was quoted"
                return _Proof(None, said, _read(data, path).review)
        return None

    def _in_library(self, sha256: str, id: str, file: str) -> _Proof:
        store = self._library.store
        held = store.holding(sha256)
        if held is not None:
            return self._replay(held, sha256)
        said = f"{file}: 库中没有这个版本的文件 / the library does not hold this version of the file; add it, or name it with --file"
        later = self._library.reviews[id] if store.holds(id) else None
        return _Proof(None, said, later if later and later.file == file else None)

    def _replay(self, id: str, sha256: str) -> _Proof:
        """Read a stored file anew, and the one that stands where it stood if that has changed."""
        store = self._library.store
        data, paths = store.data(id), [Path(place.path) for place in store.places(id)]
        if hashlib.sha256(data).hexdigest() != sha256:
            return _Proof(
                None,
                f"{id}: 库中文件已损坏 / the stored file is damaged; run `yuanwen check --repair`",
            )
        proof = _read(data, paths[0], store.record(id), id)
        standing = [(path, path.read_bytes()) for path in paths if path.is_file()]
        if not standing or any(hashlib.sha256(b).hexdigest() == sha256 for _, b in standing):
            return proof
        path, now = standing[0]
        said = f"{path}: 文件已改动 / the file has changed since it was quoted"
        return _Proof(proof.review, said, _read(now, path).review)


def _read(data: bytes, path: Path, record: Record | None = None, id: str | None = None) -> _Proof:
    try:
        return _Proof(read_bytes(data, path, record, id))
    except SourceError as error:
        return _Proof(None, str(error))


def _changes(told: Mapping[str, Any], proof: _Proof) -> tuple[str, ...]:
    """Compare a quote with the newer file: as its own file has it, or else as the answer has it."""
    own = _rebuild(told, proof.review) if proof.review else None
    old = own.text if isinstance(own, Quote) else str(told["text"])
    return changed_words(old, proof.newer) if proof.newer else ()


def _fault(told: Mapping[str, Any], review: Review) -> str | None:
    receipt = told["receipt"]
    if int(receipt["repair"]) != REPAIR_VERSION:
        return _fault_in_raw(told, review)
    quote = _rebuild(told, review)
    if isinstance(quote, str):
        return quote
    if hashlib.sha256(quote.text.encode()).hexdigest() != receipt["text_sha256"]:
        return "文字与凭据的哈希不符 / the words do not match the receipt's hash"
    true = quote.as_dict()
    wrong = [name for name in _COMPARED if _proven(told[name]) != _proven(true[name])]
    if wrong:
        return f"与原文不符：{', '.join(wrong)} / not as it stands in the file: {', '.join(wrong)}"
    return None


def _fault_in_raw(told: Mapping[str, Any], review: Review) -> str | None:
    """Check a quote that another version of layout repair cut, by the file's own characters.

    Its words must be those between the receipt's offsets, white space, width and what is set
    aside left out of both; places other than those offsets are that version's affair.
    """
    receipt, text = told["receipt"], str(told["text"])
    start, end = int(receipt["raw_start"]), int(receipt["raw_end"])
    if hashlib.sha256(text.encode()).hexdigest() != receipt["text_sha256"]:
        return "文字与凭据的哈希不符 / the words do not match the receipt's hash"
    if not 0 <= start < end <= len(review.raw):
        return "凭据所指的位置没有正文 / there is no text where the receipt points"
    aside = {at for each in review.set_aside for at in range(each.raw_start, each.raw_end)}
    raw = "".join(review.raw[at] for at in range(start, end) if at not in aside)
    if _bare(raw) != _bare(text):
        return "与原文不符：text / not as it stands in the file: text"
    marks = [(int(mark["start"]), int(mark["end"])) for mark in told["highlights"]]
    if told["highlight"] != "".join(text[a:b] for a, b in marks) or not all(
        0 <= a < b <= len(text) for a, b in marks
    ):
        return "高亮超出引文 / a highlight lies outside the quote"
    return None


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if not is_layout(char))


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
