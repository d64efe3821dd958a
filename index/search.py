"""Hybrid search: sentences scored by meaning, by their passage, by words, and token by token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sources import Span, language

from .encoder import Encoder
from .late import Tokens, likeness
from .glossary import Glossary
from .lexical import Vote
from .library import Indexes, Library
from .terms import names, terms
from .vectors import Vectors

POOL = 200
"""Candidates taken from each index."""
PASSAGE_WEIGHT = 0.3
WORDS_WEIGHT = 0.003
GLOSS_WEIGHT = 4.0
READ_CLOSELY = 20
"""The best candidates, read token by token."""
LATE_WEIGHT = 1.0
FOCUS_WEIGHT = 8.0
"""All weights were chosen on `benchmarks/questions.jsonl`; `benchmarks/ablation.md` has the table."""

_GLOSSARY = Glossary()


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found: `score` ranks it, the others are what it is made of.

    `meaning` is the centred cosine of question and sentence, `around` that of question and
    passage, `words` the BM25 score (0 where no term is shared), `late` the mean likeness of the
    question's tokens to the sentence's. `section` is an index into the sections of the review.
    """

    span: Span
    score: float
    passage: Span
    section: int
    meaning: float
    around: float
    words: float
    late: float


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
    indexes = library.indexes()
    if not indexes.units:
        return []
    vector, asked = _read(library.encoder, question, focus)
    pool = POOL if sources is None else len(indexes.units)
    sentences = dict(indexes.sentences.search(vector, pool))
    passages = dict(indexes.passages.search(vector, pool))
    words = dict(indexes.words.search(_votes(question, indexes), pool))
    lowest, lowest_passage = min(sentences.values()), min(passages.values())
    candidates = []
    for row in sentences.keys() | words.keys():
        unit = indexes.units[row]
        if sources is not None and unit.sentence.review.id not in sources:
            continue
        meaning = sentences.get(row, lowest)
        around = passages.get(unit.passage_row, lowest_passage)
        shared = words.get(row, 0.0)
        score = meaning + PASSAGE_WEIGHT * around + WORDS_WEIGHT * shared
        candidates.append((score, row, meaning, around, shared))
    candidates.sort(key=lambda each: (-each[0], each[1]))
    hits = []
    for score, row, meaning, around, shared in candidates[: max(k, READ_CLOSELY)]:
        unit = indexes.units[row]
        late = float(np.average(likeness(asked, library.tokens(unit)), weights=asked.weights))
        score += LATE_WEIGHT * late
        sentence, passage, section = unit.sentence, unit.passage, unit.section
        hits.append(Hit(sentence, score, passage, section, meaning, around, shared, late))
    hits.sort(key=lambda hit: -hit.score)
    return hits[:k]


def _read(encoder: Encoder, question: str, focus: str | None) -> tuple[Vectors, Tokens]:
    """Return the `(d,)` vector and the tokens of a question, its focus counted twice in both."""
    if focus is None or focus == question:
        vectors, (asked,) = encoder.encode_tokens([question], "query")
        return vectors[0], asked
    vectors, (asked, at_the_end) = encoder.encode_tokens([question, focus], "query")
    weights = asked.weights.copy()
    weights[-len(at_the_end.weights) :] *= FOCUS_WEIGHT
    vector = vectors.sum(axis=0)
    return vector / np.linalg.norm(vector), Tokens(asked.vectors, weights)


def _votes(question: str, indexes: Indexes) -> list[Vote]:
    """Weigh the question's words by how much of the library could hold them.

    A name may stand in any sentence. A plain word only speaks for sentences of its own language,
    and what it means in the other for those: left at full weight, the few English words of an
    abstract would outvote the Chinese sentence that answers an English question.
    """
    everywhere = names(question)
    own = language(question)
    other = "en" if own == "zh" else "zh"
    votes = [
        Vote(1.0 if term in everywhere else indexes.shares.get(own, 0.0), ((term,),))
        for term in terms(question)
    ]
    if share := indexes.shares.get(other, 0.0):
        found = _GLOSSARY.english(question) if own == "zh" else _GLOSSARY.chinese(question)
        votes += [
            Vote(GLOSS_WEIGHT * share, tuple(cut for word in words if (cut := tuple(terms(word)))))
            for words in found
        ]
    return [vote for vote in votes if vote.weight > 0 and vote.ways]
