"""Whether the best quote answers at all, as one calibrated probability against one threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import Hit
from index.terms import names, terms

THRESHOLD = 0.4
"""An answer is given from this confidence on: where answered plus refused is highest on
`benchmarks/questions.jsonl`, each question left out of the fit (`benchmarks/calibrate.md`)."""

WEIGHTS = {"bias": -2.917, "meaning": 36.36, "context": 14.638, "margin": 12.973}
"""Logistic regression fitted by `benchmarks/calibrate.py` on `benchmarks/questions.jsonl`."""


def confidence(question: str, hits: Sequence[Hit]) -> float:
    """Return the probability, 0 to 1, that the first hit answers the question."""
    if not hits:
        return 0.0
    found = signals(question, hits)
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))


def signals(question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """Return what speaks for the first hit, by name.

    `meaning`, `around`, `late`, `missed`: as the hit has them; `margin`: its score above the mean
    of the next nine; `ahead`: above the next; `named`: the share of the question's names (`IL-6`,
    `50%`) that its passage holds, 1 where the question names nothing.
    """
    best, rest = hits[0], hits[1:10]
    asked, held = names(question), set(terms(best.passage.text))
    return {
        "bias": 1.0,
        "meaning": best.meaning,
        "around": best.around,
        "late": best.late,
        "missed": best.missed,
        "margin": best.score - sum(hit.score for hit in rest) / len(rest) if rest else 0.0,
        "ahead": best.score - rest[0].score if rest else 0.0,
        "named": len(asked & held) / len(asked) if asked else 1.0,
    }
