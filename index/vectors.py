"""Vectors: inner-product search by FAISS, fair between the languages of what is searched.

A multilingual encoder puts a text nearer to questions of its own language whatever they ask; what
a language's vectors have in common says nothing, so it is left out. For a question `q` and the
mean `m` of a language, `q·(v - m) = q·v - q·m`: each language has an index of its own, of vectors
as they are, and the language's constant is taken off what that finds. So the mean may move with
every review that comes or goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ivf import Chunks, build_ivf
from .rows import Vectors

FLAT_LIMIT = 200_000
"""Vectors of a language that are compared one by one; more are clustered (`index/ivf.py`)."""
REGROWN = 4
"""Clusters are made anew when a language has grown this many times since they were."""

Ids = NDArray[np.int64]
Ranges = Iterable[tuple[int, int]]


@cache
def faiss() -> Any:
    """FAISS, imported when first needed, with one thread: more never help a single question."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


@contextmanager
def _on_disk() -> Iterator[None]:
    """Turn what FAISS raises, for want of an error of its own, into what went wrong."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(str(error)) from None


@dataclass(frozen=True)
class LanguageIndex:
    """The vectors of one language: a file that never changes, what came since, what is gone.

    `base` may be mapped from disk; `ids` `(n,)` and `vectors` `(n, d)` came after it was made,
    `gone` are ids in it that do not count any more. `trained` is how many vectors the clusters
    of the base were made for, 0 if it has none; `file` where it lies, None if nowhere yet.
    """

    file: Path | None
    base: Any
    trained: int
    ids: Ids
    vectors: Vectors
    gone: Ids

    @classmethod
    def build(cls, count: int, dimension: int, chunks: Chunks) -> LanguageIndex:
        """Index `count` vectors: one by one if they are few, else in clusters."""
        if count > FLAT_LIMIT:
            base = build_ivf(faiss(), count, dimension, chunks)
        else:
            base = faiss().IndexIDMap(faiss().IndexFlatIP(dimension))
            for ids, vectors in chunks():
                base.add_with_ids(vectors, np.asarray(ids, np.int64))
        return cls._of(None, base, count if count > FLAT_LIMIT else 0)

    @classmethod
    def open(cls, file: Path, trained: int) -> LanguageIndex:
        """Map a file that `save` wrote into memory; raises OSError if it is no index."""
        with _on_disk():
            return cls._of(file, faiss().read_index(str(file), faiss().IO_FLAG_MMAP_IFC), trained)

    @classmethod
    def _of(cls, file: Path | None, base: Any, trained: int) -> LanguageIndex:
        none = np.zeros(0, np.int64)
        return cls(file, base, trained, none, np.zeros((0, base.d), np.float32), none)

    def save(self, file: Path) -> None:
        """Write the base to a file, through to the disk; raises OSError if that cannot be done."""
        with _on_disk():
            faiss().write_index(self.base, str(file))
        with file.open("rb") as written:
            os.fsync(written.fileno())

    @property
    def dimension(self) -> int:
        return int(self.base.d)

    def changed(self, gone: Ranges, ids: Ids, vectors: Vectors) -> LanguageIndex:
        """Return this index without the ids in some ranges and with more vectors."""
        ranges = [np.arange(first, last + 1) for first, last in gone]
        lost = np.concatenate([self.gone, *ranges]).astype(np.int64)
        stays = ~np.isin(self.ids, lost)
        return replace(
            self,
            ids=np.concatenate([self.ids[stays], ids]),
            vectors=np.concatenate([self.vectors[stays], vectors]),
            gone=lost,
        )

    @property
    def wear(self) -> int:
        """How many vectors the base lacks or should not have, at most."""
        return len(self.ids) + len(self.gone)

    def is_outgrown(self, count: int) -> bool:
        """Tell whether so many vectors need a base made anew, not this one with changes."""
        if self.file is None or 2 * len(self.gone) > self.base.ntotal:
            return True
        if self.trained:
            return count > REGROWN * self.trained or count <= FLAT_LIMIT // 2
        return count > FLAT_LIMIT

    def folded(self) -> LanguageIndex:
        """Return an index whose base, in memory, holds what came and lacks what is gone."""
        with _on_disk():
            base = faiss().read_index(str(self.file))
        if len(self.gone):
            base.remove_ids(faiss().IDSelectorBatch(self.gone))
        if len(self.ids):
            base.add_with_ids(self.vectors, self.ids)
        return self._of(None, base, self.trained)

    @cached_property
    def _how(self) -> tuple[Any, ...]:
        """What FAISS is told of each search; it keeps no hold of what it is told by."""
        selectors: tuple[Any, ...] = ()
        if len(self.gone):
            gone = faiss().IDSelectorBatch(self.gone)
            selectors = (faiss().IDSelectorNot(gone), gone)
        sel = {"sel": selectors[0]} if selectors else {}
        if self.trained:
            return faiss().SearchParametersIVF(nprobe=self.base.nprobe, **sel), selectors
        return faiss().SearchParameters(**sel), selectors

    def search(self, query: Vectors, k: int) -> Iterator[tuple[int, float]]:
        """Yield at least the `k` best `(id, inner product)` for a `(d,)` query, in any order."""
        own = self.vectors @ query
        for at in np.argsort(-own, kind="stable")[:k]:
            yield int(self.ids[at]), float(own[at])
        if self.base.ntotal:
            scores, ids = self.base.search(
                query[None, :], min(k, self.base.ntotal), params=self._how[0]
            )
            for id, score in zip(ids[0], scores[0], strict=True):
                if id >= 0:  # fewer than `k` are left
                    yield int(id), float(score)

    def held(self) -> Ids:
        """Return the ids that can be found."""
        if self.trained:
            lists = self.base.invlists
            sizes = [(at, lists.list_size(at)) for at in range(self.base.nlist)]
            parts = [faiss().rev_swig_ptr(lists.get_ids(at), size) for at, size in sizes if size]
        else:
            parts = [faiss().vector_to_array(self.base.id_map)]
        based = np.concatenate(parts)
        return np.concatenate([based[~np.isin(based, self.gone)], self.ids])

    def differs(self, ids: Sequence[int], vectors: Vectors) -> bool:
        """Tell whether a vector is not the one it should be; clustered ones are inexact anyway."""
        if self.trained:
            return False
        based = faiss().vector_to_array(self.base.id_map)
        rows = np.searchsorted(based, ids)
        inside = np.isin(ids, based)
        own = (
            faiss()
            .rev_swig_ptr(
                faiss().downcast_index(self.base.index).get_xb(), self.base.ntotal * self.dimension
            )
            .reshape(-1, self.dimension)
        )
        return not np.array_equal(own[rows[inside]], vectors[inside])


@dataclass(frozen=True)
class VectorIndex:
    """The vectors of every language, and the mean of each."""

    languages: Mapping[str, LanguageIndex]
    means: Mapping[str, Vectors]

    @property
    def is_inexact(self) -> bool:
        """Tell whether scores are those of vectors rounded to a byte a number."""
        return any(index.trained for index in self.languages.values())

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """Return the `k` best `(id, score)` for one `(d,)` query vector, best first."""
        found: list[tuple[int, float]] = []
        for language, index in self.languages.items():
            common = float(query @ self.means[language])
            found += ((id, score - common) for id, score in index.search(query, k))
        return sorted(found, key=lambda each: (-each[1], each[0]))[:k]
