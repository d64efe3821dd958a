"""Hybrid search: every sentence scored by meaning, by its passage's meaning, and by words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sources import Span, language

from .library import Indexes, Library
from .terms import names, terms

POOL = 200
"""Candidates taken from each index."""
PASSAGE_WEIGHT = 0.3
WORDS_WEIGHT = 0.003
"""Chosen on `benchmarks/questions.jsonl`; `benchmarks/search.md` has the grid."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found: `score` ranks it; `meaning` and `words` are what it is made of.

    `meaning` is the centred cosine of question and sentence, `words` the BM25 score (0 where no
    term is shared); `section` is an index into the sections of the review.
    """

    span: Span
    score: float
    passage: Span
    section: int
    meaning: float
    words: float


def search(
    library: Library, question: str, k: int = 10, sources: Collection[str] | None = None
) -> list[Hit]:
    """Return the `k` best sentences for a question, best first, from some sources or from all."""
    indexes = library.indexes()
    units = indexes.units
    if not units:
        return []
    pool = POOL if sources is None else len(units)
    query = library.encoder.encode([question], "query")[0]
    sentences = dict(indexes.sentences.search(query, pool))
    passages = dict(indexes.passages.search(query, pool))
    words = dict(indexes.words.search(_votes(question, indexes), pool))
    lowest, lowest_passage = min(sentences.values()), min(passages.values())
    hits = []
    for row in sentences.keys() | words.keys():
        unit = units[row]
        if sources is not None and unit.sentence.review.id not in sources:
            continue
        meaning = sentences.get(row, lowest)
        around = passages.get(unit.passage_row, lowest_passage)
        shared = words.get(row, 0.0)
        score = meaning + PASSAGE_WEIGHT * around + WORDS_WEIGHT * shared
        hits.append(Hit(unit.sentence, score, unit.passage, unit.section, meaning, shared))
    hits.sort(key=lambda hit: (-hit.score, hit.span.review.id, hit.span.start))
    return hits[:k]


def _votes(question: str, indexes: Indexes) -> dict[str, float]:
    """Weigh the question's terms by how much of the library could hold them.

    A name may stand in any sentence. A plain word only speaks for sentences of its own language:
    left at full weight, the few English words of an abstract would outvote the Chinese sentence
    that answers an English question.
    """
    everywhere = names(question)
    share = indexes.shares.get(language(question), 0.0)
    votes: dict[str, float] = {}
    for term in terms(question):
        votes[term] = votes.get(term, 0.0) + (1.0 if term in everywhere else share)
    return {term: vote for term, vote in votes.items() if vote > 0}
