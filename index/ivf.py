"""Many vectors: clustered, a byte a number, only the nearest clusters read (IVF with SQ8).

Jégou et al. 2011, "Product quantization for nearest neighbor search", section 4, for the
clusters. How many of them are read is measured, so that of the ten best at least 99 % are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rows import Vectors

CLUSTERS = 2
"""Clusters for each square root of the number of vectors."""
TRAINED_ON = 64
"""Vectors for each cluster that decide where it lies."""
RECALL = 0.99
"""Share of the ten best that must be found."""
ASKED = 200
"""Vectors that are asked for their neighbours to measure it."""
LEAST_READ = 16
DEPTH = 10
CANDIDATES = 4
"""Candidates for each that is wanted; their true vectors decide between them."""

Chunks = Callable[[], Iterable[tuple[list[int], Vectors]]]


def build_ivf(faiss: Any, count: int, dimension: int, chunks: Chunks) -> Any:
    """Return an index of `count` vectors that reads as many clusters as its recall needs."""
    clusters = max(1, int(CLUSTERS * sqrt(count)))
    every = max(1, count // (clusters * TRAINED_ON))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        *(dimension, clusters, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT),
    )
    index.train(np.concatenate([vectors[::every] for _, vectors in chunks()]))
    for ids, vectors in chunks():
        index.add_with_ids(vectors, np.asarray(ids, np.int64))
    index.nprobe = _enough(index, clusters, count, chunks)
    return index


def _enough(index: Any, clusters: int, count: int, chunks: Chunks) -> int:
    """Return how many clusters must be read, trying twice as many each time."""
    every = max(1, count // ASKED)
    asked = _displaced(np.concatenate([vectors[::every] for _, vectors in chunks()]))
    nearest = _nearest(asked, chunks)
    index.nprobe = min(LEAST_READ, clusters)
    while index.nprobe < clusters and _recall(index, asked, nearest) < RECALL:
        index.nprobe = min(2 * index.nprobe, clusters)
    return int(index.nprobe)


def _displaced(vectors: Vectors) -> Vectors:
    """Return vectors as far off as questions are: those stored lie too well within their cluster.

    Each moves by as much as it differs from their mean, in a direction of chance.
    """
    spread = vectors - vectors.mean(axis=0)
    chance = np.random.default_rng(0).normal(size=spread.shape).astype(np.float32)
    off = chance / np.linalg.norm(chance, axis=1, keepdims=True)
    moved = vectors + off * np.linalg.norm(spread, axis=1, keepdims=True)
    rows: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return rows


def _recall(index: Any, asked: Vectors, nearest: NDArray[np.int64]) -> float:
    """Return the share of the `DEPTH` nearest that are among the candidates found."""
    _, found = index.search(asked, DEPTH * CANDIDATES)
    both = [len(np.intersect1d(*pair)) for pair in zip(found, nearest, strict=True)]
    return float(np.mean(both) / DEPTH)


def _nearest(asked: Vectors, chunks: Chunks) -> NDArray[np.int64]:
    """Return the ids of the `DEPTH` nearest of each, by comparing them all."""
    best_ids = np.zeros((len(asked), 0), np.int64)
    best = np.zeros((len(asked), 0), np.float32)
    for ids, vectors in chunks():
        best = np.hstack([best, asked @ vectors.T])
        best_ids = np.hstack([best_ids, np.tile(np.asarray(ids, np.int64), (len(asked), 1))])
        order = np.argsort(-best, axis=1)[:, :DEPTH]
        best = np.take_along_axis(best, order, 1)
        best_ids = np.take_along_axis(best_ids, order, 1)
    return best_ids
