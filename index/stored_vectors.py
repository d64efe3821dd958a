"""What a library's database knows of vectors: of passages, of sentences, of their tokens."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from .codes import count_packed
from .errors import LibraryError
from .rows import Vectors
from .schema import sum_damaged
from .standing import Standing

CHUNK = 16_384
"""Vectors read at a time: 25 MB."""


class StoredVectors(Standing):
    """Every question for vectors that a reader asks."""

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

    def sums_fit(self) -> bool:
        """Tell whether all vectors are of one length, and there is a sum of those of each language."""
        counted = [
            (kind, *row)
            for kind in ("passage", "sentence")
            for row in self._all(
                f"SELECT language, count(*), 2 * length(vector) FROM {_table(kind)}"
                " GROUP BY language, length(vector)"
            )
        ]
        kept = self._all("SELECT kind, language, count, length(vector) FROM total")
        return sorted(kept) == sorted(counted) and len({size for *_, size in counted}) <= 1

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


def _stacked(rows: Sequence[tuple[int, bytes]]) -> tuple[list[int], Vectors]:
    if not rows:
        return [], np.zeros((0, 1), np.float32)
    flat = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
    return [id for id, _ in rows], flat.reshape(len(rows), -1)


def _table(kind: str) -> str:
    return {"passage": "passage", "sentence": "sentence"}[kind]
