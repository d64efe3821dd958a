"""What an encoder makes of a text beyond its vector: those of its tokens and of its parts."""

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


def token_weights(tokenizer: Any) -> NDArray[np.float32]:
    """Return the weight of each token id of a `tokenizers.Tokenizer`: how rare its piece is.

    The negative log-probability of the piece, as a Unigram vocabulary knows it, so that no list
    of stop words is needed in any language; 1 for special tokens and for all where the
    vocabulary has no probabilities.
    """
    weights = np.ones(tokenizer.get_vocab_size(), np.float32)
    model = json.loads(tokenizer.to_str())["model"]
    if model["type"] == "Unigram":
        scores = np.array([-score for _, score in model["vocab"]], np.float32)
        weights[: len(scores)] = np.where(scores > 0, scores, 1)
    return weights
