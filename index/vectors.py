"""Vectors: inner-product search by FAISS, fair between the languages of what is searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

faiss.omp_set_num_threads(1)


class VectorIndex:
    """A flat index; what it finds are row numbers of the vectors it was built from."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors, languages: Sequence[str]) -> VectorIndex:
        """Index `(n, d)` unit vectors, each language's mean taken out of its own vectors.

        A multilingual encoder puts a text nearer to questions of its own language whatever they
        ask; what a language's vectors have in common says nothing, so it is left out.
        """
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(_centred(vectors, np.asarray(languages)))
        return cls(index)

    @classmethod
    def open(cls, file: Path) -> VectorIndex:
        """Read an index that `save` wrote."""
        return cls(faiss.read_index(str(file)))

    def save(self, file: Path) -> None:
        faiss.write_index(self._index, str(file))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """Return the `k` best `(row, score)` for one `(d,)` query vector, best first."""
        scores, rows = self._index.search(query[None, :], min(k, len(self)))
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]


def _centred(vectors: Vectors, languages: NDArray[np.str_]) -> Vectors:
    centred = vectors.copy()
    for language in np.unique(languages):
        own = languages == language
        centred[own] -= vectors[own].mean(axis=0)
    return centred
