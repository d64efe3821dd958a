"""Many vectors: clustered, a byte a number, only the nearest clusters read (IVF with SQ8).

Jégou et al. 2011, "Product quantization for nearest neighbor search", section 4, for the
clusters. How many of them are read is measured, so that of the ten best 99 % are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import Any

import numpy as np

from .rows import Vectors

CLUSTERS = 4
"""Clusters for each square root of the number of vectors; with 2, twice as many vectors are read
for the same recall (`benchmarks/recall.md`)."""
ROUNDS = 10
"""Of k-means; the clusters of 25 are no better."""
TRAINED_ON = 40
"""Vectors for each cluster that decide where it lies."""
RECALL = 0.998
"""Share of the ten best that must be found for vectors made up to ask with; of what real questions
look for at least .99 is found then (`benchmarks/recall.md`)."""
ASKED = 200
"""Vectors that are asked for their neighbours to measure it."""
MIXED = 8
"""Vectors that make one to ask with."""
LEAST_READ, MOST_READ = 16, 160
"""Clusters that are read. A million real vectors need 99; no vectors, however they lie, make a
question wait longer than for half as many again."""
DEPTH = 10
EXACT = 60
"""The best that are found have their scores from the true vectors, which put them in order."""

Chunks = Callable[[], Iterable[tuple[list[int], Vectors]]]


def build_ivf(faiss: Any, count: int, dimension: int, chunks: Chunks) -> Any:
    """Return an index of `count` vectors that reads as many clusters as its recall needs.

    The vectors are read twice, since reading them takes as long as anything else.
    """
    clusters = max(1, int(CLUSTERS * sqrt(count)))
    every, rarely = max(1, count // (clusters * TRAINED_ON)), max(1, count // ASKED)
    trained_on, asked = [], []
    for _, vectors in chunks():
        trained_on.append(vectors[::every])
        asked.append(vectors[::rarely])
    index = _clustered(faiss, faiss.IndexFlatIP(dimension), clusters)
    index.train(np.concatenate(trained_on))
    del trained_on
    nearest = Nearest(_mixed(np.concatenate(asked)), DEPTH)
    for ids, vectors in chunks():
        index.add_with_ids(vectors, np.asarray(ids, np.int64))
        nearest.compare(ids, vectors)
    index.nprobe = _enough(index, clusters, nearest)
    return index


def _clustered(faiss: Any, centres: Any, clusters: int) -> Any:
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(centres, centres.d, clusters, kind, metric)
    index.cp.niter = ROUNDS
    return index


def clustered_like(faiss: Any, other: Any) -> Any:
    """Return an empty index of the same clusters as another, so that the two can be merged."""
    centres = faiss.IndexFlatIP(other.d)
    centres.add(other.quantizer.reconstruct_n(0, other.nlist))
    index = _clustered(faiss, centres, other.nlist)
    faiss.copy_array_to_vector(faiss.vector_to_array(other.sq.trained), index.sq.trained)
    index.is_trained, index.nprobe = True, other.nprobe
    return index


def _enough(index: Any, clusters: int, nearest: Nearest) -> int:
    """Return how many clusters must be read, trying a quarter more each time, up to `MOST_READ`."""
    index.nprobe, most = min(LEAST_READ, clusters), min(MOST_READ, clusters)
    while index.nprobe < most and _recall(index, nearest) < RECALL:
        index.nprobe = min(-(-5 * index.nprobe // 4), most)
    return int(index.nprobe)


def _mixed(vectors: Vectors) -> Vectors:
    """Return vectors as far off as questions are: those stored lie too well within their cluster.

    Each goes from the mean as far and in such directions as several of them together, which is
    where questions were found to lie (`benchmarks/recall.md`).
    """
    chance, mean = np.random.default_rng(0), vectors.mean(axis=0)
    others = chance.integers(len(vectors), size=(MIXED, len(vectors)))
    moved = mean + (vectors[others] - mean).sum(axis=0)
    rows: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return rows


def _recall(index: Any, nearest: Nearest) -> float:
    """Return the share of the nearest that are among the candidates found."""
    _, found = index.search(nearest.asked, EXACT)
    both = [len(np.intersect1d(*pair)) for pair in zip(found, nearest.ids, strict=True)]
    return float(np.mean(both) / DEPTH)


class Nearest:
    """The ids of the `depth` vectors nearest to each of `asked`, by comparing them all."""

    def __init__(self, asked: Vectors, depth: int) -> None:
        self.asked = asked
        self.ids = np.zeros((len(asked), 0), np.int64)
        self._best = np.zeros((len(asked), 0), np.float32)
        self._depth = depth

    def compare(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Take more vectors into account."""
        best = np.hstack([self._best, self.asked @ vectors.T])
        both = np.hstack([self.ids, np.tile(np.asarray(ids, np.int64), (len(self.asked), 1))])
        if best.shape[1] > self._depth:
            order = np.argpartition(-best, self._depth - 1, axis=1)[:, : self._depth]
            best = np.take_along_axis(best, order, 1)
            both = np.take_along_axis(both, order, 1)
        self._best, self.ids = best, both
