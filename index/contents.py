"""What a library holds, read from its database: reviews, spans, vectors."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sources import Record, Review
from sources.arriving import arrived, known

from .codes import count_packed
from .errors import LibraryError
from .rows import Vectors
from .schema import content_digest, spans_digest, sum_damaged
from .standing import Standing

CHUNK = 16_384
"""Vectors read at a time: 25 MB."""


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


class Contents(Standing):
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

    def tokens(self, sentences: Collection[int], dimension: int) -> dict[int, bytes]:
        """Return the vectors of the tokens of some sentences, as `codes.pack` packed them.

        Raises LibraryError where some are missing, or not of so many numbers.
        """
        rows = self._all(
            "SELECT sentence, packed FROM json_each(?) j JOIN token ON sentence = j.value",
            json.dumps(list(sentences)),
        )
        found = {id: packed for id, packed in rows if count_packed(packed, dimension)}
        if len(found) < len(sentences):
            raise LibraryError(
                f"{self._file}: 库中的向量已损坏，请运行 `yuanwen check --repair` / stored vectors are "
                "damaged; run `yuanwen check --repair`"
            )
        return found

    def last_id(self, kind: str) -> int:
        """Return the highest id that any passage or sentence ever had."""
        row = self._one("SELECT seq FROM sqlite_sequence WHERE name = ?", kind)
        return int(row[0]) if row else 0

    def count_of(self, kind: str) -> int:
        """Return how many passages or sentences there are."""
        (row,) = self._all(f"SELECT count(*) FROM {_table(kind)}")
        return int(row[0])

    def removed_since(self, change: int) -> list[Removed]:
        rows = self._all(
            "SELECT review, first_passage, last_passage, first_sentence, last_sentence"
            " FROM removed WHERE change > ?",
            change,
        )
        return [Removed(review, (a, b), (c, d)) for review, a, b, c, d in rows]

    def totals(self, kind: str) -> dict[str, tuple[int, Vectors]]:
        """Return, by language, how many vectors there are and their `(d,)` mean.

        Raises LibraryError where what is kept of them cannot be that.
        """
        rows = self._all(
            "SELECT language, count, vector FROM total WHERE kind = ? ORDER BY language", kind
        )
        if any(count < 1 or len(total) % np.float64().nbytes for _, count, total in rows):
            raise sum_damaged()
        found = {
            language: (count, (np.frombuffer(total) / count).astype(np.float32))
            for language, count, total in rows
        }
        if not all(np.isfinite(mean).all() for _, mean in found.values()):
            raise sum_damaged()
        return found

    def sums_fit(self, width: int) -> bool:
        """Tell whether there is a sum of every vector, and each of vectors of `width` bytes."""
        counted = self._all(
            "SELECT 'passage', language, count(*) FROM passage GROUP BY language"
            " UNION ALL SELECT 'sentence', language, count(*) FROM sentence GROUP BY language"
        )
        kept = self._all("SELECT kind, language, count, length(vector) FROM total")
        return sorted(kept) == sorted((*row, 2 * width) for row in counted)

    def vectors(self, kind: str) -> tuple[list[int], Vectors]:
        """Return the ids and the `(n, d)` vectors of every passage or sentence, in order of id."""
        return _stacked(self._all(f"SELECT id, vector FROM {_table(kind)} ORDER BY id"))

    def vector_ids(self, kind: str, language: str) -> set[int]:
        """Return the ids of the passages or sentences of a language."""
        rows = self._all(f"SELECT id FROM {_table(kind)} WHERE language = ?", language)
        return {int(id) for (id,) in rows}

    def vectors_of(self, kind: str, reviews: Iterable[str]) -> tuple[list[int], list[str], Vectors]:
        """Return the ids, languages and `(n, d)` vectors of some reviews."""
        owner = "x.review" if kind == "passage" else "p.review"
        joined = "" if kind == "passage" else " JOIN passage p ON p.id = x.passage"
        rows = self._all(
            f"SELECT x.id, x.language, x.vector FROM {_table(kind)} x{joined}"
            f" WHERE {owner} IN (SELECT r.number FROM review r JOIN json_each(?) j ON r.id = j.value)",
            json.dumps(list(reviews)),
        )
        ids, vectors = _stacked([(id, vector) for id, _, vector in rows])
        return ids, [language for _, language, _ in rows], vectors

    def vectors_at(self, kind: str, ids: Iterable[int]) -> tuple[list[int], list[str], Vectors]:
        """Return some ids, their languages and `(n, d)` vectors."""
        rows = self._all(
            f"SELECT x.id, x.language, x.vector FROM json_each(?) j"
            f" JOIN {_table(kind)} x ON x.id = j.value",
            json.dumps(list(ids)),
        )
        found, vectors = _stacked([(id, vector) for id, _, vector in rows])
        return found, [language for _, language, _ in rows], vectors

    def chunks(
        self, kind: str, language: str, after: int = 0
    ) -> Iterator[tuple[list[int], Vectors]]:
        """Yield the ids and vectors of a language, a part at a time, from behind one id on."""
        while True:
            ids, vectors = _stacked(
                self._all(
                    f"SELECT id, vector FROM {_table(kind)} WHERE language = ? AND id > ?"
                    " ORDER BY id LIMIT ?",
                    *(language, after, CHUNK),
                )
            )
            if not ids:
                return
            yield ids, vectors
            after = ids[-1]


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


def _stacked(rows: Sequence[tuple[int, bytes]]) -> tuple[list[int], Vectors]:
    if not rows:
        return [], np.zeros((0, 1), np.float32)
    flat = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
    return [id for id, _ in rows], flat.reshape(len(rows), -1)


def _table(kind: str) -> str:
    return {"passage": "passage", "sentence": "sentence"}[kind]
