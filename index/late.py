"""Late interaction: every token of a question looks for its like in a sentence.

One vector says what a sentence is about; its tokens' vectors also say whether each thing that
is asked stands in it (ColBERT, Khattab and Zaharia 2020).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text but for prompt and special ones.

    `vectors`: `(t, d)`, rows of length 1. `weights`: `(t,)`, how much each token counts.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Parts:
    """A passage's own vector `(d,)`, and a row of `(n, d)` for each of its parts."""

    vector: NDArray[np.float32]
    vectors: NDArray[np.float32]


def likeness(asked: Tokens, told: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each question token's best cosine among a sentence's `(t, d)` tokens."""
    best: NDArray[np.float32] = (asked.vectors @ told.T).max(axis=1, initial=-1.0)
    return best


def token_weights(tokenizer: Any) -> NDArray[np.float32]:
    """Return the weight of each token id: how rare its piece is, as a Unigram vocabulary knows.

    The negative log-probability of the piece, so that no list of stop words is needed in any
    language; 1 for special tokens and where the vocabulary has no probabilities.
    """
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    if model["type"] != "Unigram":
        return np.ones(len(tokenizer), np.float32)
    weights = np.array([-score for _, score in model["vocab"]], np.float32)
    return np.where(weights > 0, weights, np.float32(1))
