"""Whether the best quote answers at all, as one calibrated probability against one threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import Hit

THRESHOLD = 0.4
"""An answer is given from this confidence on: where answered plus refused is highest on
`benchmarks/questions.jsonl`, each question left out of the fit (`benchmarks/calibrate.md`)."""

WEIGHTS = {"bias": -2.917, "meaning": 36.36, "context": 14.638, "margin": 12.973}
"""Logistic regression fitted by `benchmarks/calibrate.py` on `benchmarks/questions.jsonl`."""


def confidence(hits: Sequence[Hit]) -> float:
    """Return the probability, 0 to 1, that the first hit answers the question."""
    if not hits:
        return 0.0
    found = signals(hits)
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))


def signals(hits: Sequence[Hit]) -> dict[str, float]:
    """Return what speaks for the first hit, by name.

    `meaning`: its centred cosine; `context`: what its passage and the shared words add to its
    score; `margin`: its score above the mean of the next nine.
    """
    best, rest = hits[0], hits[1:10]
    return {
        "bias": 1.0,
        "meaning": best.meaning,
        "context": best.score - best.meaning,
        "margin": best.score - sum(hit.score for hit in rest) / len(rest) if rest else 0.0,
    }
