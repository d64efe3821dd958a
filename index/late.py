"""Late interaction: every token of a question looks for its like in a sentence.

One vector says what a sentence is about; its tokens' vectors also say whether each thing that
is asked stands in it (ColBERT, Khattab and Zaharia 2020).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def likeness(asked: Tokens, told: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return each question token's best cosine in each sentence, `(sentences, question tokens)`.

    `told` are the `(t, d)` tokens of every sentence; one of none is as unlike as can be.
    """
    found = np.full((len(told), len(asked.vectors)), -1.0, np.float32)
    some = [at for at, tokens in enumerate(told) if len(tokens)]
    if some:
        starts = np.cumsum([0, *(len(told[at]) for at in some[:-1])])
        cosines = np.concatenate([told[at] for at in some]) @ asked.vectors.T
        found[some] = np.maximum.reduceat(cosines, starts)
    return found


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
