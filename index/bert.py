"""A BERT run over texts laid end to end, without padding.

Everything but attention looks at one token at a time, so the tokens of a whole batch are one
matrix; attention looks at one text at a time, and texts of one length together. Most encoders
that people search with are a BERT, or an XLM-RoBERTa, which differs in where positions begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .processor import packs, work_alone

if TYPE_CHECKING:
    import torch

FIRST_POSITION = {"bert": 0, "xlm-roberta": None}
"""Of each kind of model that can be run; None where it is the one after that of padding."""

STEP = 4
"""Rows by which a small matrix grows; a large one by up to a sixteenth of it."""


def is_bert(config: Mapping[str, Any]) -> bool:
    """Tell whether `Bert` runs the model of a transformers configuration."""
    return (
        config.get("model_type") in FIRST_POSITION
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder")
    )


class Bert:
    """The encoder of a BERT: token ids in, the last layer's states out.

    `tensors` are named as transformers names them; those of the embeddings are used as they are,
    so that what is mapped from a file is read only where a text needs it.
    """

    def __init__(
        self, tensors: Mapping[str, torch.Tensor], config: Mapping[str, Any], dtype: torch.dtype
    ) -> None:
        self.dtype = dtype
        self.dimension = int(config["hidden_size"])
        first = FIRST_POSITION[config["model_type"]]
        self._first = config["pad_token_id"] + 1 if first is None else first
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._positions = tensors["embeddings.position_embeddings.weight"].float()
        self._type = tensors["embeddings.token_type_embeddings.weight"][0].float()
        self._norm = _normal(tensors, "embeddings.LayerNorm", config, self._type.dtype)
        self._layers = [
            _Layer.of(tensors, f"encoder.layer.{number}.", config, dtype)
            for number in range(config["num_hidden_layers"])
        ]

    def states(self, texts: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        """Return the states of the tokens of all texts, end to end: `(tokens, dimension)`.

        Texts of one length should stand together.
        """
        import torch

        work_alone()
        lengths = [len(ids) for ids in texts]
        tokens = sum(lengths)
        spare = np.zeros(rounded(tokens) - tokens, np.int64)
        places = np.concatenate([*(np.arange(length) for length in lengths), spare]) + self._first
        ids = torch.from_numpy(np.concatenate([*texts, spare]))
        with torch.inference_mode():
            positions = self._positions[torch.from_numpy(places)]
            states = self._words[ids].float() + positions + self._type
            states = self._norm(states).to(self.dtype)
            runs = [(length, len(list(run))) for length, run in groupby(lengths)]
            for layer in self._layers:
                states = layer(states, runs)
            found: NDArray[np.float32] = states[:tokens].float().numpy()
        return found


def rounded(tokens: int) -> int:
    """Return a number of rows a little above, of which there are few.

    A multiplication is compiled anew for every number of rows, which takes as long as half a
    question, and what that holds is never given back.
    """
    step = max(STEP, (1 << tokens.bit_length()) // 32)
    return -(-tokens // step) * step


@dataclass(frozen=True, slots=True)
class _Layer:
    heads: int
    mix: Callable[[torch.Tensor], torch.Tensor]
    """Queries, keys and values at once."""
    out: Callable[[torch.Tensor], torch.Tensor]
    after_out: Callable[[torch.Tensor], torch.Tensor]
    up: Callable[[torch.Tensor], torch.Tensor]
    down: Callable[[torch.Tensor], torch.Tensor]
    after_down: Callable[[torch.Tensor], torch.Tensor]

    @classmethod
    def of(
        cls,
        tensors: Mapping[str, torch.Tensor],
        name: str,
        config: Mapping[str, Any],
        dtype: torch.dtype,
    ) -> _Layer:
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        return cls(
            config["num_attention_heads"],
            _linear(tensors, parts, dtype),
            _linear(tensors, [f"{name}attention.output.dense"], dtype),
            _normal(tensors, f"{name}attention.output.LayerNorm", config, dtype),
            _linear(tensors, [f"{name}intermediate.dense"], dtype, gelu=True),
            _linear(tensors, [f"{name}output.dense"], dtype),
            _normal(tensors, f"{name}output.LayerNorm", config, dtype),
        )

    def __call__(self, states: torch.Tensor, runs: Sequence[tuple[int, int]]) -> torch.Tensor:
        states = self.after_out(states + self.out(self._attend(self.mix(states), runs)))
        return self.after_down(states + self.down(self.up(states)))

    def _attend(self, mixed: torch.Tensor, runs: Sequence[tuple[int, int]]) -> torch.Tensor:
        """Let every token look at those of its own text; `runs` are lengths and how many have it."""
        from torch.nn.functional import scaled_dot_product_attention

        tokens, width = len(mixed), mixed.shape[1] // 3
        attended, start = mixed.new_empty(tokens, width), 0
        for length, count in runs:
            end = start + length * count
            run = mixed[start:end].view(count, length, 3, self.heads, width // self.heads)
            query, key, value = run.permute(2, 0, 3, 1, 4)
            seen = scaled_dot_product_attention(query, key, value)
            attended[start:end] = seen.transpose(1, 2).reshape(end - start, width)
            start = end
        attended[start:] = 0
        return attended


def _linear(
    tensors: Mapping[str, torch.Tensor],
    names: Sequence[str],
    dtype: torch.dtype,
    gelu: bool = False,
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return x W' + b for the matrices of some names side by side, through GELU if asked."""
    import torch
    from torch.nn import functional

    weight = torch.cat([tensors[f"{name}.weight"] for name in names]).to(dtype)
    bias = torch.cat([tensors[f"{name}.bias"] for name in names]).to(dtype)
    if not packs():
        if gelu:
            return lambda x: functional.gelu(functional.linear(x, weight, bias))
        return lambda x: functional.linear(x, weight, bias)
    # What torch's own compiler calls on a processor; a question takes three quarters of the time.
    ops = torch.ops.mkldnn
    packed = ops._reorder_linear_weight(weight, None)
    after, kind = ("gelu", "none") if gelu else ("none", "")
    return lambda x: ops._linear_pointwise(x, packed, bias, after, [], kind)


def _normal(
    tensors: Mapping[str, torch.Tensor], name: str, config: Mapping[str, Any], dtype: torch.dtype
) -> Callable[[torch.Tensor], torch.Tensor]:
    from torch.nn.functional import layer_norm

    weight, bias = (tensors[f"{name}.{part}"].to(dtype) for part in ("weight", "bias"))
    return lambda x: layer_norm(x, weight.shape, weight, bias, config["layer_norm_eps"])
