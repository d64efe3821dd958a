"""What a library holds, read from its database: reviews and where their spans stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources import Record, Review
from sources.arriving import arrived, known

from .errors import LibraryError
from .schema import content_digest, spans_digest
from .stored_vectors import CHUNK, StoredVectors


@dataclass(frozen=True, slots=True)
class Removed:
    """A review taken out, by its number, and the ids, first and last, that went with it."""

    review: int
    passages: tuple[int, int]
    sentences: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list tells of a review: `added` is UTC, as ISO 8601 writes it; the rest are counts.

    `sections` are those with a heading, `aside` the places set aside.
    """

    id: str
    sha256: str
    place: str
    record: Record
    added: str
    language: str
    sections: int
    passages: int
    sentences: int
    references: int
    aside: int


class Contents(StoredVectors):
    """Every question to the database that a reader asks."""

    def ids(self) -> list[str]:
        """Return the id of every review, in the order they were added."""
        return [str(id) for (id,) in self._all("SELECT id FROM review ORDER BY number")]

    def count(self) -> int:
        rows = self._all("SELECT count(*) FROM review")
        return int(rows[0][0])

    def holds_any(self) -> bool:
        return self._one("SELECT 1 FROM review LIMIT 1") is not None

    def review(self, id: str) -> Review:
        """Return one review, its text checked against the hash that was kept of it.

        Raises KeyError if there is none, LibraryError if its text is not what was stored.
        """
        row = self._one(
            "SELECT sha256, record, told, raw, layout, rest, digest FROM review"
            " JOIN content ON review = number WHERE id = ?",
            id,
        )
        if row is None:
            raise _damaged(id) if self.holds(id) else KeyError(id)
        sha256, record, told, raw, layout, rest, digest = row
        if content_digest(raw, layout, rest) != digest:
            raise _damaged(id)
        place = next((place.path for place in self.places(id)), "")
        packed = {"record": record, "told": told, "raw": raw, "layout": layout, "rest": rest}
        try:
            return arrived(packed, id, sha256, place)
        except ValueError:  # its hash is right, and yet this program did not write it
            raise _damaged(id) from None

    def record(self, review: str) -> Record:
        """Return what a review's file said of itself, whatever people said of it."""
        ((record,),) = self._all("SELECT record FROM review WHERE id = ?", review)
        return _known(review, record)

    def title(self, review: str) -> str:
        """Return a review's title, as people told it or its file."""
        (row,) = self._all("SELECT record, told FROM review WHERE id = ?", review)
        return _known(review, *row).title

    def summaries(self, most: int | None = None) -> Iterator[Summary]:
        """Yield what a list tells of each review, in the order they were added."""
        rows = self._all(
            "SELECT id, sha256, (SELECT path FROM place p WHERE p.review = number"
            " ORDER BY p.rowid LIMIT 1), record, told, added, language, sections, passages,"
            " sentences, entries, aside FROM review LEFT JOIN summary s ON s.review = number"
            " ORDER BY number LIMIT ?",
            -1 if most is None else most,
        )
        for id, sha256, place, record, told, added, language, *counts in rows:
            publication = _known(id, record, told)
            when = f"{added.replace(' ', 'T')}Z"
            spoken = publication.language or language or ""
            numbers = (int(count or 0) for count in counts)
            yield Summary(id, sha256, place or "", publication, when, spoken, *numbers)

    def counts(self, review: str) -> tuple[int, int]:
        """Return how many passages and sentences a review has."""
        (row,) = self._all(
            "SELECT count(DISTINCT p.id), count(s.id) FROM passage p"
            " JOIN sentence s ON s.passage = p.id JOIN review r ON r.number = p.review"
            " WHERE r.id = ?",
            review,
        )
        return int(row[0]), int(row[1])

    def sha256(self, review: str) -> str:
        (row,) = self._all("SELECT sha256 FROM review WHERE id = ?", review)
        return str(row[0])

    def repair(self, review: str) -> int:
        """Return the version of the layout repair that made a review."""
        (row,) = self._all("SELECT repair FROM review WHERE id = ?", review)
        return int(row[0])

    def data(self, review: str) -> bytes:
        """Return the bytes of a review's file, as they were when it was added."""
        row = self._one(
            "SELECT bytes FROM content JOIN review ON review = number WHERE id = ?", review
        )
        if row is None:
            raise KeyError(review)
        return bytes(row[0])

    def sizes(self) -> dict[str, int]:
        """Return the length in bytes of each review's file."""
        return dict(
            self._all("SELECT id, length(bytes) FROM content JOIN review ON review = number")
        )

    def numbers(self, reviews: Iterable[str]) -> list[int]:
        """Return the numbers of some reviews, by which the word index knows them."""
        rows = self._all(
            "SELECT r.number FROM review r JOIN json_each(?) j ON r.id = j.value",
            json.dumps(list(reviews)),
        )
        return [int(number) for (number,) in rows]

    def places_all_in(self, folder: tuple[str, ...]) -> bool:
        """Tell whether every file stood in a folder that ends like this, wherever it was."""
        paths = [Path(path) for (path,) in self._all("SELECT path FROM place")]
        return all(path.parent.parts[-len(folder) :] == folder for path in paths)

    def owners(self, sentences: Iterable[int]) -> dict[int, int]:
        """Return the passage that each of some sentences stands in."""
        rows = self._all(
            "SELECT s.id, s.passage FROM json_each(?) j"
            " JOIN sentence s INDEXED BY sentence_span ON s.id = j.value",
            json.dumps(list(sentences)),
        )
        return dict(rows)

    def spans(self, sentences: Iterable[int]) -> list[tuple[Any, ...]]:
        """Return `(sentence, start, end, passage, start, end, section, review id)` of each."""
        return self._all(
            'SELECT s.id, s.start, s."end", p.id, p.start, p."end", p.section, r.id'
            " FROM json_each(?) j JOIN sentence s INDEXED BY sentence_span ON s.id = j.value"
            " JOIN passage p INDEXED BY passage_span ON p.id = s.passage"
            " JOIN review r ON r.number = p.review",
            json.dumps(list(sentences)),
        )

    def coded(self, review: str) -> tuple[str, str]:
        """Return the hash of a review's spans and vectors as it was kept, and as it is."""
        (row,) = self._all(
            "SELECT coded, number FROM content JOIN review ON review = number WHERE id = ?", review
        )
        return str(row[0]), spans_digest(self._database, row[1])

    def passages_of(self, review: str) -> list[tuple[Any, ...]]:
        """Return `(id, start, end, section, language, vector)` of a review's passages."""
        return self._all(
            'SELECT p.id, p.start, p."end", section, language, vector FROM passage p'
            " JOIN review r ON r.number = p.review WHERE r.id = ? ORDER BY p.id",
            review,
        )

    def sentences_of(self, review: str) -> list[tuple[Any, ...]]:
        """Return `(passage id, start, end, language, vector, tokens)` of a review's sentences."""
        return self._all(
            'SELECT p.id, s.start, s."end", s.language, s.vector, packed FROM sentence s'
            " JOIN passage p ON p.id = s.passage JOIN review r ON r.number = p.review"
            " LEFT JOIN token ON sentence = s.id WHERE r.id = ? ORDER BY s.id",
            review,
        )

    def sentences_after(self, sentence: int) -> Iterator[tuple[int, int, str, int, int]]:
        """Yield `(id, review number, review id, start, end)` of the sentences added after one."""
        while True:
            rows = self._all(
                'SELECT s.id, p.review, r.id, s.start, s."end" FROM sentence s'
                " JOIN passage p ON p.id = s.passage JOIN review r ON r.number = p.review"
                " WHERE s.id > ? ORDER BY s.id LIMIT ?",
                *(sentence, CHUNK),
            )
            yield from rows
            if len(rows) < CHUNK:
                return
            sentence = rows[-1][0]

    def removed_since(self, change: int) -> list[Removed]:
        rows = self._all(
            "SELECT review, first_passage, last_passage, first_sentence, last_sentence"
            " FROM removed WHERE change > ?",
            change,
        )
        return [Removed(review, (a, b), (c, d)) for review, a, b, c, d in rows]


def _known(review: str, record: str, told: str = "{}") -> Record:
    try:
        return known(record, told)
    except ValueError:
        raise _damaged(review) from None


def _damaged(review: str) -> LibraryError:
    return LibraryError(
        f"{review}: 库中的文字已损坏，请运行 `yuanwen check --repair` / what is stored of it is damaged; "
        "run `yuanwen check --repair`"
    )
