"""A sentence's token vectors in two bits a number, beside what all of them have in common.

The mean of the tokens is kept in a byte a number. What is left of each token is turned so that no
number of it stands out, and each number becomes the nearest of four levels, those that are best
for a normal distribution (Max 1960, "Quantizing for minimum distortion"). The scale of a token,
one float16, makes its inner product with anything right on average, as in Gao and Long 2024,
"RaBitQ". Nothing is learnt, so that it is the same for every model and library.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

_LEVELS = np.array([-1.510, -0.4528, 0.4528, 1.510], np.float32)
_BETWEEN = (_LEVELS[1:] + _LEVELS[:-1]) / 2
_SHIFTS = np.array([0, 2, 4, 6], np.uint8)
_OF_BYTE = _LEVELS[(np.arange(256)[:, None] >> _SHIFTS) & 3]
"""The four levels that each byte stands for."""


@cache
def _turn(dimension: int) -> Rows:
    """Return an orthogonal `(d, d)` matrix: signs of chance, always the same, then a cosine
    transform (DCT-II)."""
    chance = Random(0)
    signs = [1 if chance.random() < 0.5 else -1 for _ in range(dimension)]
    at = np.arange(dimension)
    waves = np.cos(np.pi * (at[None, :] + 0.5) * at[:, None] / dimension)
    waves *= np.sqrt(2 / dimension)
    waves[0] /= np.sqrt(2)
    matrix: Rows = (waves * signs).astype(np.float32).T
    return matrix


def turned(vectors: Rows) -> Rows:
    """Return `(n, d)` vectors turned as packed ones are, all by one rotation."""
    rows: Rows = vectors @ _turn(vectors.shape[1])
    return rows


def pack(vectors: Rows) -> bytes:
    """Pack the `(t, d)` token vectors of one text: about d / 4 bytes a token."""
    rows = turned(vectors)
    mean = rows.mean(axis=0)
    step = np.float16(max(abs(mean).max() / 127, 2**-14))
    common = np.rint(mean / np.float32(step)).astype(np.int8)
    own = rows - common * np.float32(step)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    measured = own * (np.float32(np.sqrt(rows.shape[1])) / lengths)
    codes = np.zeros(rows.shape, np.uint8)
    for bound in _BETWEEN:
        codes += measured > bound
    met = np.einsum("td,td->t", own, _LEVELS[codes])
    scales = np.einsum("td,td->t", own, own) / met.clip(min=1e-9)
    codes = np.pad(codes, ((0, 0), (0, -rows.shape[1] % 4)))
    fours = codes.reshape(len(rows), -1, 4) << _SHIFTS
    return b"".join(
        (
            step.tobytes(),
            common.tobytes(),
            scales.astype(np.float16).tobytes(),
            np.bitwise_or.reduce(fours, axis=2).tobytes(),
        )
    )


def count_packed(packed: bytes, dimension: int) -> int:
    """Return how many tokens were packed; 0 if this is nothing that `pack` gave."""
    own = len(packed) - 2 - dimension
    count, rest = divmod(own, 2 + -(-dimension // 4))
    return count if count > 0 and rest == 0 else 0


def products(asked: Rows, packed: Sequence[bytes]) -> Rows:
    """Return the inner products of the tokens of packed texts, end to end, with `(q, d)` vectors.

    `(t, q)`, the vectors turned as packed ones are. Raises ValueError for what `pack` never gave.
    """
    dimension = asked.shape[1]
    counts = [count_packed(each, dimension) for each in packed]
    if not all(counts):
        raise ValueError(f"some of these are no token vectors of {dimension} numbers")
    steps = np.array([np.frombuffer(each, np.float16, 1) for each in packed], np.float32)
    means = np.stack([np.frombuffer(each, np.int8, dimension, 2) for each in packed]) * steps
    after = 2 + dimension
    scales = b"".join(
        each[after : after + 2 * count] for each, count in zip(packed, counts, strict=True)
    )
    codes = b"".join(each[after + 2 * count :] for each, count in zip(packed, counts, strict=True))
    levels = _OF_BYTE.take(np.frombuffer(codes, np.uint8), axis=0).reshape(sum(counts), -1)[
        :, :dimension
    ]
    found: Rows = levels @ asked.T
    found *= np.frombuffer(scales, np.float16).astype(np.float32)[:, None]
    found += np.repeat(means @ asked.T, counts, axis=0)
    return found


def likeness(asked: Rows, packed: Sequence[bytes]) -> Rows:
    """Return the best inner product of each `(q, d)` vector in each packed text: `(texts, q)`.

    Late interaction: every token of a question looks for its like in a sentence (ColBERT, Khattab
    and Zaharia 2020). Turned and raising as `products`.
    """
    counts = [count_packed(each, asked.shape[1]) for each in packed]
    best: Rows = np.maximum.reduceat(products(asked, packed), np.cumsum([0, *counts[:-1]]))
    return best
