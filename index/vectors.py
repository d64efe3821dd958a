"""Vectors: inner-product search by FAISS, fair between the languages of what is searched.

A multilingual encoder puts a text nearer to questions of its own language whatever they ask; what
a language's vectors have in common says nothing, so it is left out. For a question `q` and the
mean `m` of a language, `q·(v - m) = q·v - q·m`: each language has an index of its own, of vectors
as they are, and the language's constant is taken off what that finds. So the mean may move with
every review that comes or goes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ivf import Chunks, build_ivf, clustered_like
from .rows import Vectors

FLAT_LIMIT = 50_000
"""Vectors of a language that are compared one by one, in less time than a question takes to be
encoded; more are clustered (`index/ivf.py`)."""
REGROWN = 4
"""Clusters are made anew when a language has grown this many times since they were."""

MUCH = 8
"""How many times as large a part is left as it is when others are written."""

Ids = NDArray[np.int64]
Ranges = Iterable[tuple[int, int]]


@cache
def faiss() -> Any:
    """FAISS, imported when first needed, with one thread: more never help a single question."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


@contextmanager
def _all_cores() -> Iterator[None]:
    """Let FAISS use every core meanwhile: what is built is waited for."""
    faiss().omp_set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        faiss().omp_set_num_threads(1)


@contextmanager
def _on_disk() -> Iterator[None]:
    """Turn what FAISS raises, for want of an error of its own, into what went wrong."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(str(error)) from None


@dataclass(frozen=True)
class LanguageIndex:
    """The vectors of one language: parts that never change, what came since, what is gone.

    `parts` are FAISS indexes with ids, the largest first, mapped from `files`; those without a
    file yet are None there. `ids` `(n,)` and `vectors` `(n, d)` came after they were made, `gone`
    are ids in them that do not count any more. `trained` is how many vectors the clusters, which
    all parts have in common, were made for; 0 if there are none.
    """

    files: tuple[Path | None, ...]
    parts: tuple[Any, ...]
    trained: int
    ids: Ids
    vectors: Vectors
    gone: Ids

    @classmethod
    def build(cls, count: int, dimension: int, chunks: Chunks) -> LanguageIndex:
        """Index `count` vectors: one by one if they are few, else in clusters."""
        if count > FLAT_LIMIT:
            with _all_cores():
                base = build_ivf(faiss(), count, dimension, chunks)
        else:
            base = _flat(dimension)
            for ids, vectors in chunks():
                base.add_with_ids(vectors, np.asarray(ids, np.int64))
        return cls._of((None,), (base,), count if count > FLAT_LIMIT else 0)

    @classmethod
    def open(cls, files: Sequence[Path], trained: int, gone: Ranges = ()) -> LanguageIndex:
        """Map files that `save` wrote into memory; raises OSError if one is no index."""
        with _on_disk():
            mapped = [faiss().read_index(str(file), faiss().IO_FLAG_MMAP_IFC) for file in files]
            index = cls._of(tuple(files), tuple(mapped), trained)
        return replace(index, gone=_within(gone))

    @classmethod
    def _of(
        cls, files: tuple[Path | None, ...], parts: tuple[Any, ...], trained: int
    ) -> LanguageIndex:
        none = np.zeros(0, np.int64)
        return cls(files, parts, trained, none, np.zeros((0, parts[0].d), np.float32), none)

    def save(self, part: int, file: Path) -> None:
        """Put one part in a file, through to the disk: a link where it is in one already.

        Raises OSError if that cannot be done.
        """
        held = self.files[part]
        if held is not None:
            with suppress(OSError):  # a disk that knows no links
                os.link(held, file)
                return
            shutil.copyfile(held, file)
        else:
            with _on_disk():
                faiss().write_index(self.parts[part], str(file))
        with file.open("rb") as written:
            os.fsync(written.fileno())

    @property
    def dimension(self) -> int:
        return int(self.parts[0].d)

    @property
    def based(self) -> int:
        """How many vectors the parts have, those that are gone too."""
        return sum(int(part.ntotal) for part in self.parts)

    def changed(self, gone: Ranges, ids: Ids, vectors: Vectors) -> LanguageIndex:
        """Return this index without the ids in some ranges and with more vectors."""
        lost = np.concatenate([self.gone, _within(gone)])
        stays = ~np.isin(self.ids, lost)
        return replace(
            self,
            ids=np.concatenate([self.ids[stays], ids]),
            vectors=np.concatenate([self.vectors[stays], vectors]),
            gone=lost,
        )

    def is_outgrown(self, count: int) -> bool:
        """Tell whether so many vectors need a base made anew, not this one with changes."""
        if None in self.files or 2 * len(self.gone) > self.based:
            return True
        if self.trained:
            return count > REGROWN * self.trained or count <= FLAT_LIMIT // 2
        return count > FLAT_LIMIT

    def folded(self, cleaned: bool) -> LanguageIndex:
        """Return an index with a part more, in memory, of what came; nothing is left to come.

        Parts that are not `MUCH` larger go into it, so that a vector is written a few times in
        all, however large the index grows. `cleaned`: all go into it but what is gone.
        """
        kept, fresh = len(self.parts), len(self.ids)
        while kept and (cleaned or self.parts[kept - 1].ntotal <= MUCH * fresh):
            kept -= 1
            fresh += int(self.parts[kept].ntotal)
        if kept == len(self.parts) and not fresh:
            return self
        made = self._merged(kept)
        if len(self.ids):
            made.add_with_ids(self.vectors, self.ids)
        files, parts = (*self.files[:kept], None), (*self.parts[:kept], made)
        index = self._of(files, parts, self.trained)
        return index if cleaned else replace(index, gone=self.gone)

    def _merged(self, kept: int) -> Any:
        """Return one index of the parts after so many, in memory, without what is gone."""
        made = clustered_like(faiss(), self.parts[0]) if self.trained else _flat(self.dimension)
        for file in self.files[kept:]:
            with _on_disk():
                part = faiss().read_index(str(file))
            if len(self.gone):
                part.remove_ids(faiss().IDSelectorBatch(self.gone))
            if self.trained:
                made.merge_from(part, 0)
            elif part.ntotal:
                made.add_with_ids(_rows_of(part), faiss().vector_to_array(part.id_map))
        return made

    @cached_property
    def _how(self) -> tuple[Any, ...]:
        """What FAISS is told of each search; it keeps no hold of what it is told by."""
        selectors: tuple[Any, ...] = ()
        if len(self.gone):
            bits = np.zeros(int(self.gone.max()) + 1, np.bool_)
            bits[self.gone] = True
            packed = np.packbits(bits, bitorder="little")
            gone = faiss().IDSelectorBitmap(packed)
            selectors = (faiss().IDSelectorNot(gone), gone, packed)
        sel = {"sel": selectors[0]} if selectors else {}
        if self.trained:
            return faiss().SearchParametersIVF(nprobe=self.parts[0].nprobe, **sel), selectors
        return faiss().SearchParameters(**sel), selectors

    def search(self, query: Vectors, k: int) -> Iterator[tuple[int, float]]:
        """Yield at least the `k` best `(id, inner product)` for a `(d,)` query, in any order."""
        own = self.vectors @ query
        for at in np.argsort(-own, kind="stable")[:k]:
            yield int(self.ids[at]), float(own[at])
        for part in self.parts:
            if part.ntotal:
                asked = min(k, part.ntotal)
                scores, ids = part.search(query[None, :], asked, params=self._how[0])
                for id, score in zip(ids[0], scores[0], strict=True):
                    if id >= 0:  # fewer than `k` are left
                        yield int(id), float(score)

    def held(self) -> Ids:
        """Return the ids that can be found."""
        based = np.concatenate([np.zeros(0, np.int64), *map(self._ids_of, self.parts)])
        return np.concatenate([based[~np.isin(based, self.gone)], self.ids])

    def _ids_of(self, part: Any) -> Ids:
        if not self.trained:
            ids: Ids = faiss().vector_to_array(part.id_map)
            return ids
        lists = part.invlists
        sizes = [(at, lists.list_size(at)) for at in range(part.nlist)]
        held = [faiss().rev_swig_ptr(lists.get_ids(at), size) for at, size in sizes if size]
        return np.concatenate([np.zeros(0, np.int64), *held])

    def differs(self, ids: Sequence[int], vectors: Vectors) -> bool:
        """Tell whether a vector is not the one it should be; clustered ones are inexact anyway."""
        if self.trained:
            return False
        for part in self.parts:
            based = self._ids_of(part)
            order = np.argsort(based)
            inside = np.isin(ids, based)
            rows = order[np.searchsorted(based, np.asarray(ids)[inside], sorter=order)]
            if not np.array_equal(_rows_of(part)[rows], vectors[inside]):
                return True
        return False


def _flat(dimension: int) -> Any:
    return faiss().IndexIDMap(faiss().IndexFlatIP(dimension))


def _rows_of(part: Any) -> Vectors:
    """Return the vectors of a flat part, as they lie in memory."""
    flat = faiss().rev_swig_ptr(faiss().downcast_index(part.index).get_xb(), part.ntotal * part.d)
    rows: Vectors = flat.reshape(-1, part.d)
    return rows


def _within(ranges: Ranges) -> Ids:
    """Return every id of some ranges, the last of each included."""
    parts = [np.arange(first, last + 1) for first, last in ranges]
    return np.concatenate([np.zeros(0, np.int64), *parts])


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
