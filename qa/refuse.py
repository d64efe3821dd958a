"""Whether the best quote answers at all, as one calibrated probability against one threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import Hit

THRESHOLD = 0.6
"""An answer is given from this confidence on: the lowest step at which more than four in five
unanswerable questions of `benchmarks/questions.jsonl` are refused, each question left out of the
fit (`benchmarks/calibrate.md`)."""

WEIGHTS = {"bias": -14.882, "late": 12.033, "least": 6.754, "margin": 14.646}
"""Logistic regression fitted by `benchmarks/calibrate.py` on `benchmarks/questions.jsonl`."""


def confidence(hits: Sequence[Hit]) -> float:
    """Return the probability, 0 to 1, that the first hit answers the question."""
    if not hits:
        return 0.0
    found = signals(hits)
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))


def signals(hits: Sequence[Hit]) -> dict[str, float]:
    """Return what speaks for the first hit, by name.

    `late`: how well every token of the question finds its like in it; `least`: how well those
    that find it least do; `margin`: its score above the mean of the next nine.
    """
    best, rest = hits[0], hits[1:10]
    return {
        "bias": 1.0,
        "late": best.late,
        "least": best.least,
        "margin": best.score - sum(hit.score for hit in rest) / len(rest) if rest else 0.0,
    }
