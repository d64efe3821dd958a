"""Candidates from Milvus, scored by what the store holds: the same ranking as the embedded one.

Vectors: Milvus names more than are wanted, the store's true vectors decide between them. Words:
Milvus sums each sentence's terms, which is never less than what they score, and gives back the
terms; the score is worked out from these. If the last that is kept scores no less than anything
that was not named could, nothing was missed; else more are asked for (the threshold algorithm,
Fagin, Lotem and Naor 2003, "Optimal aggregation algorithms for middleware").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..indexes import Indexes, compared
from ..lexicon import Lexicon
from ..rows import Vectors
from ..votes import Vote
from .collections import KINDS, Manifest, name_of, read_manifest, search
from .connection import Connection
from .rows import TYPICAL, Row, place, rows, unpack_terms

MOST = 16_384
"""Rows that Milvus gives at most for one question (its `topK` limit)."""
CANDIDATES = 4
"""Vectors asked for, for each that is wanted; their true ones decide between them."""
COMPARED = 20_000
"""Passages or sentences of named sources up to which all are compared; of more than that, only
those that Milvus finds nearest."""
MARGIN = 1.001
"""How much more than Milvus says a sum of float32 may be."""


@dataclass(frozen=True)
class MilvusIndexes(Indexes):
    """What Milvus holds of a library; `manifest` is None for an empty one."""

    connection: Connection
    means: Mapping[str, Mapping[str, Vectors]]
    lexicon: Lexicon = field(repr=False)
    manifest: Manifest | None

    def nearest(
        self, kind: str, query: Vectors, k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        means = self.means[kind]
        if sources is not None and self.store.count_within(kind, sources) <= COMPARED:
            return dict(compared(means, query, *self.store.vectors_of(kind, sources)))
        reviews = None if sources is None else self.store.numbers(sources)
        wanted, found = min(CANDIDATES * k, MOST), list[tuple[float, int]]()
        for language, mean in means.items():
            common = float(query @ mean)
            for row in search(
                self.connection,
                self._name(kind),
                *("vector", query, wanted, reviews),
                partition_names=[language],
            ):
                found.append((common - row["distance"], row["id"]))
        ids = [id for _, id in sorted(found)[:wanted]]
        return dict(compared(means, query, *self.store.vectors_at(kind, ids))[:k])

    def sharing(
        self, votes: Sequence[Vote], k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        asked = {term: place(term) for vote in votes for way in vote.ways for term in way}
        known = self.lexicon.about(asked)
        weights = known.bound(votes)
        if not weights:
            return {}
        query: dict[int, float] = {}
        for term, weight in weights.items():
            query[asked[term]] = query.get(asked[term], 0.0) + weight
        stretch = MARGIN * max(1.0, known.average / TYPICAL)
        reviews = None if sources is None else self.store.numbers(sources)
        wanted = min(2 * k, MOST)
        while True:
            found = search(
                self.connection,
                self._name("sentence"),
                *("terms", query, wanted, reviews),
                output_fields=["terms", "length"],
            )
            scored = []
            for row in found:
                length = row["entity"]["length"]
                counts = unpack_terms(row["entity"]["terms"], length, asked)
                scored.append((-known.score(votes, counts, length), row["id"]))
            scored.sort()
            unseen = stretch * found[-1]["distance"] if len(found) == wanted else 0.0
            if (
                wanted == MOST
                or unseen == 0.0
                or (k <= len(scored) and -scored[k - 1][0] >= unseen)
            ):
                return {id: -score for score, id in scored[:k] if score}
            wanted = min(4 * wanted, MOST)

    def agree(self) -> bool:
        if self.manifest is None:
            return True
        if read_manifest(self.connection, self.manifest.library) != self.manifest:
            return False
        return all(self._agrees(kind, language) for kind in KINDS for language in self.means[kind])

    def _agrees(self, kind: str, language: str) -> bool:
        """Tell whether the rows of a language are those that the store would send."""
        fields = ["id", "review", "vector"]
        fields += ["terms", "length"] if kind == "sentence" else []
        missing = self.store.vector_ids(kind, language)
        for batch in self.connection.rows(self._name(kind), fields, language):
            held = {row["id"]: row for row in batch}
            if len(held) < len(batch) or not held.keys() <= missing:
                return False
            missing -= held.keys()
            expected = rows(self.store, self.shelf, kind, held)[language]
            if not all(_are_alike(held[row["id"]], row) for row in expected):
                return False
        return not missing

    def _name(self, kind: str) -> str:
        assert self.manifest is not None
        return name_of(self.manifest.library, kind)


def _are_alike(held: Row, row: Row) -> bool:
    """Tell whether a row is the one that was sent, as float32."""
    if held["review"] != row["review"] or held.get("length") != row.get("length"):
        return False
    terms, expected = held.get("terms", {}), row.get("terms", {})
    return (
        np.array_equal(np.float32(held["vector"]), row["vector"])
        and terms.keys() == expected.keys()
        and np.allclose([terms[at] for at in expected], list(expected.values()), atol=1e-6)
    )
