"""Whether the best quote answers at all, as one calibrated probability against one threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import Hit

from .quantities import asked_for, states

THRESHOLD = 0.6
"""An answer is given from this confidence on: the lowest step at which more than four in five
unanswerable questions of `benchmarks/questions.jsonl` are refused, each question left out of the
fit (`benchmarks/calibrate.md`)."""

WEIGHTS = {
    "bias": -13.537,
    "late": 14.386,
    "least": 2.12,
    "margin": 15.05,
    "quantity": -0.944,
    "unstated": -3.345,
}
"""Logistic regression fitted by `benchmarks/calibrate.py` on `benchmarks/questions.jsonl`."""


def confidence(hits: Sequence[Hit], question: str) -> float:
    """Return the probability, 0 to 1, that the first hit answers the question.

    `question` is what is asked now, without what a follow-up carries over.
    """
    if not hits:
        return 0.0
    found = signals(hits, question)
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))


def signals(hits: Sequence[Hit], question: str) -> dict[str, float]:
    """Return what speaks for the first hit, by name.

    `late`: how well every token of the question finds its like in it; `least`: how well those
    that find it least do; `margin`: its score above the mean of the next nine. And against it,
    0 or 1: `quantity`, one is asked for; `unstated`, it holds none of that kind.
    """
    best, rest = hits[0], hits[1:10]
    quantity = asked_for(question)
    return {
        "bias": 1.0,
        "late": best.late,
        "least": best.least,
        "margin": best.score - sum(hit.score for hit in rest) / len(rest) if rest else 0.0,
        "quantity": float(quantity is not None),
        "unstated": float(quantity is not None and not states(best.span.text, quantity)),
    }
