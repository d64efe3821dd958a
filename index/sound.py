"""Whether spans, vectors and sums are such as this program stores: so that they can be used at all.

A library may come from elsewhere, its hashes made to agree with whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sources import Review

from .codes import count_packed
from .errors import LibraryError
from .store import Store

LENGTH = 1e-3
"""How far from 1 the length of a stored vector may be."""


def demand_sound(store: Store) -> None:
    """Raise LibraryError if a page, a text, a span, a vector or a sum is none: reads everything."""
    store.demand_whole_pages()
    for id in store.ids():
        if told := damage(store, store.review(id)):
            raise _unsound(f"{id}: {told}")
    if not store.sums_fit():
        raise _unsound(
            f"{store.folder}: 向量不是同一种，或总和不合 / vectors of several kinds, or sums that do not fit"
        )


def _unsound(told: str) -> LibraryError:
    return LibraryError(f"{told}; 请运行 `yuanwen check --repair` / run `yuanwen check --repair`")


def damage(store: Store, review: Review) -> str | None:
    """Say what is wrong with a review's passages, sentences or vectors, or None."""
    passages, sentences = store.passages_of(review.id), store.sentences_of(review.id)
    length, dimension = len(review.text), len(passages[0][5]) if passages else 0
    owners = {passage: (start, end) for passage, start, end, *_ in passages}
    inner = [(owners[owner], (start, end)) for owner, start, end, *_ in sentences]
    if (
        not passages
        or {owner for owner, *_ in sentences} != owners.keys()
        or not all(0 <= start < end <= length for start, end in owners.values())
        or not all(a <= start < end <= b for (a, b), (start, end) in inner)
        or not all(0 <= row[3] < len(review.sections) for row in passages)
    ):
        return "段落或句子的位置已损坏 / a passage or sentence is not where its text is"
    vectors = [row[5] for row in passages] + [row[4] for row in sentences]
    if not _are_whole(vectors, [row[5] for row in sentences], dimension):
        return "向量已损坏或缺少 / a vector is damaged or missing"
    return None


def _are_whole(vectors: Sequence[bytes], tokens: Sequence[bytes | None], dimension: int) -> bool:
    if not dimension or dimension % 4 or any(len(vector) != dimension for vector in vectors):
        return False
    rows = np.frombuffer(b"".join(vectors), np.float32).reshape(len(vectors), -1)
    lengths = np.linalg.norm(rows, axis=1)
    if not (np.isfinite(lengths) & (abs(lengths - 1) < LENGTH)).all():
        return False
    return all(packed and count_packed(packed, dimension // 4) for packed in tokens)
