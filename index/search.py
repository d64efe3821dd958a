"""Hybrid search: sentences scored by meaning, by their passage, by words, and token by token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sources import Span

from .codes import likeness, turned
from .encoder import Encoder
from .indexes import Indexes
from .late import Tokens
from .library import Library
from .rows import Vectors
from .units import Unit
from .votes import votes

POOL = 200
"""Candidates taken from each index."""
MEANING_WEIGHT = 0.65
PASSAGE_WEIGHT = 0.15
WORDS_WEIGHT = 0.0024
READ_CLOSELY = 40
"""The best candidates, read token by token; what that finds weighs 1."""
FOCUS_WEIGHT = 8.0
"""Of what is asked now against what was asked before, for a follow-up's tokens.

All weights were chosen on `benchmarks/questions.jsonl`; `benchmarks/ablation.md` has the table.
"""
LEAST_MET = 4
"""One in so many of a question's tokens are those that a sentence meets least."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found, as a unit: `score` ranks it, the others are what it is made of.

    `meaning` is the centred cosine of question and sentence, `around` that of question and
    passage, `words` the BM25 score (0 where no term is shared), `late` the mean likeness of the
    question's tokens to the sentence's, `least` that of the quarter of them that it meets least.
    """

    unit: Unit
    score: float
    meaning: float
    around: float
    words: float
    late: float
    least: float

    @property
    def span(self) -> Span:
        return self.unit.sentence

    @property
    def passage(self) -> Span:
        return self.unit.passage

    @property
    def section(self) -> int:
        """An index into the sections of the review."""
        return self.unit.section


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched for: its `(d,)` vector and its tokens."""

    question: str
    vector: Vectors
    tokens: Tokens


def read_question(encoder: Encoder, question: str, focus: str | None = None) -> Asked:
    """Read a question, its focus counted more in vector and tokens.

    Before `library.searching()` rather than within, so that those who wait are read together.
    """
    if focus is None or focus == question:
        vectors, (tokens,) = encoder.encode_tokens([question], "query")
        return Asked(question, vectors[0], tokens)
    vectors, (tokens, at_the_end) = encoder.encode_tokens([question, focus], "query")
    weights = tokens.weights.copy()
    weights[-len(at_the_end.weights) :] *= FOCUS_WEIGHT
    vector = vectors.sum(axis=0)
    return Asked(question, vector / np.linalg.norm(vector), Tokens(tokens.vectors, weights))


def search(
    library: Library,
    question: str,
    k: int = 10,
    sources: Collection[str] | None = None,
    focus: str | None = None,
) -> list[Hit]:
    """Return the `k` best sentences for a question, best first, from some sources or from all.

    `focus` is the end of the question that counts most: of a follow-up with the question before
    it, what is asked now.
    """
    if not library.reviews:
        return []
    asked = read_question(library.encoder, question, focus)
    with library.searching():
        hits = find(library, asked, k, sources)
        for hit in hits:
            hit.unit.read()
    return hits


def find(
    library: Library,
    asked: Asked,
    k: int = 10,
    sources: Collection[str] | None = None,
) -> list[Hit]:
    """Return what `search` does, within `library.searching()`: a review is read only when its words
    are asked for, and must be before that ends."""
    if not library.reviews:
        return []
    with library.searching() as indexes:
        return _ranked(library, indexes, asked, k, sources)


def _ranked(
    library: Library,
    indexes: Indexes,
    asked: Asked,
    k: int,
    sources: Collection[str] | None,
) -> list[Hit]:
    sentences = indexes.nearest("sentence", asked.vector, POOL, sources)
    passages = indexes.nearest("passage", asked.vector, POOL, sources)
    if not sentences:
        return []
    pool = POOL if sources is None else len(sentences)
    words = indexes.sharing(votes(asked.question, indexes.shares), pool, sources)
    lowest, lowest_passage = min(sentences.values()), min(passages.values())
    candidates = []
    for id, passage in library.store.owners(sentences.keys() | words.keys()).items():
        meaning = sentences.get(id, lowest)
        around = passages.get(passage, lowest_passage)
        shared = words.get(id, 0.0)
        score = MEANING_WEIGHT * meaning + PASSAGE_WEIGHT * around + WORDS_WEIGHT * shared
        candidates.append((score, id, meaning, around, shared))
    candidates.sort(key=lambda each: (-each[0], each[1]))
    closely = candidates[: max(k, READ_CLOSELY)]
    tokens, weights = turned(asked.tokens.vectors), asked.tokens.weights
    told = library.store.tokens([id for _, id, *_ in closely], tokens.shape[1])
    met = likeness(tokens, [told[id] for _, id, *_ in closely])
    lates = met @ weights / weights.sum()
    leasts = np.sort(met, axis=1)[:, : max(1, met.shape[1] // LEAST_MET)].mean(axis=1)
    read = [
        (score + late, id, *rest, late, least)
        for (score, id, *rest), late, least in zip(
            closely, lates.tolist(), leasts.tolist(), strict=True
        )
    ]
    read.sort(key=lambda each: (-each[0], each[1]))
    units = indexes.units(id for _, id, *_ in read[:k])
    return [Hit(units[id], score, *parts) for score, id, *parts in read[:k] if id in units]
