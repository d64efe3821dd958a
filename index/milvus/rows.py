"""Passages and sentences as the rows of Milvus: vectors, and terms as sparse vectors."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sources import Review

from ..bm25 import saturation, times
from ..store import Store
from ..terms import terms

TYPICAL = 24.0
"""Terms of a sentence for which saturations are stored; the library's own mean moves."""
_NOTHING = 0
"""The place in a sparse vector that no term has; Milvus takes no vector without any."""

Row = dict[str, Any]


def rows(
    store: Store, shelf: Mapping[str, Review], kind: str, ids: Iterable[int]
) -> dict[str, list[Row]]:
    """Return, by language, the rows of the passages or sentences that have some ids."""
    standing = {row[0]: row for row in store.standing(kind, ids)}
    found: dict[str, list[Row]] = {}
    for id, language, vector in zip(*store.vectors_at(kind, standing), strict=True):
        _, number, review, _, start, end = standing[id]
        row: Row = {"id": id, "review": number, "vector": vector}
        if kind == "sentence":
            row["terms"], row["length"] = pack_terms(shelf[review].text[start:end])
        found.setdefault(language, []).append(row)
    return found


def place(term: str) -> int:
    """Return the place of a term in the sparse vectors, from 1 to 2^32 - 2."""
    digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()
    return 1 + int.from_bytes(digest) % (2**32 - 2)


def pack_terms(text: str) -> tuple[dict[int, float], int]:
    """Return a sentence's terms as a sparse vector of saturations, and how many there are."""
    found = terms(text)
    packed = {
        at: saturation(count, len(found), TYPICAL)
        for at, count in Counter(map(place, found)).items()
    }
    return packed or {_NOTHING: 1.0}, len(found)


def unpack_terms(
    packed: Mapping[int, float], length: int, asked: Mapping[str, int]
) -> dict[str, int]:
    """Return how many times each of some terms, given with their places, stands in a sentence."""
    return {term: times(packed[at], length, TYPICAL) for term, at in asked.items() if at in packed}
