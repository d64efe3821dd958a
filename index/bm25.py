"""BM25 as tantivy computes it, for engines that are asked for candidates only.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3; a text's length is
rounded down as Lucene does to keep it in a byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from .votes import Vote

_K1, _B = 1.2, 0.75
MOST = 1 + _K1
"""What no saturation reaches, however often a term stands in a text."""
_EXACT = 40


def rounded(length: int) -> int:
    """Return a length as it is kept: exact up to 40, then its four leading bits above 24."""
    if length <= _EXACT:
        return length
    spare = (length - 24).bit_length() - 4
    return 24 + ((length - 24) >> spare << spare)


def _damping(length: int, average: float) -> float:
    return _K1 * (1 - _B + _B * rounded(length) / average)


def saturation(times: int, length: int, average: float) -> float:
    """Return what a term counts that stands so many times in a text of so many terms."""
    return times * MOST / (times + _damping(length, average))


def times(saturation: float, length: int, average: float) -> int:
    """Return how many times a term stands in a text: `saturation`, undone."""
    return round(saturation * _damping(length, average) / (MOST - saturation))


@dataclass(frozen=True, slots=True)
class Collected:
    """What BM25 knows of all sentences: how many, how many terms in all, how many hold a term."""

    sentences: int
    terms: int
    holding: Mapping[str, int]

    @property
    def average(self) -> float:
        """How many terms a sentence has."""
        return self.terms / self.sentences

    def rarity(self, term: str) -> float:
        holding = self.holding[term]
        return log(1 + (self.sentences - holding + 0.5) / (holding + 0.5))

    def score(self, votes: Sequence[Vote], counts: Mapping[str, int], length: int) -> float:
        """Return the BM25 of one sentence: for each vote its best way, by the mean of its terms."""
        worth = {
            term: self.rarity(term) * saturation(count, length, self.average)
            for term, count in counts.items()
            if count
        }
        return sum(
            vote.weight
            * max(sum(worth.get(term, 0.0) for term in way) / len(way) for way in vote.ways)
            for vote in votes
        )

    def bound(self, votes: Sequence[Vote]) -> dict[str, float]:
        """Return a weight for each term: summed over a sentence's terms, each times its saturation,
        they are no less than its score.

        A sentence that puts a word in two ways is counted for both here, for the better one there.
        """
        weights: dict[str, float] = {}
        for vote in votes:
            most: dict[str, float] = {}
            for way in vote.ways:
                for term in way:
                    if self.holding.get(term):
                        share = way.count(term) * self.rarity(term) / len(way)
                        most[term] = max(most.get(term, 0.0), share)
            for term, share in most.items():
                weights[term] = weights.get(term, 0.0) + vote.weight * share
        return weights
