"""Tokens in two bits a number still say what they said, whatever the model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.codes import Rows, count_packed, likeness, pack, products, turned

DIMENSIONS = st.integers(1, 80) | st.sampled_from([384, 768])


def rows(count: int, dimension: int, seed: int, common: float = 1.0) -> Rows:
    """Return unit vectors that have a direction in common, as the tokens of a sentence do."""
    chance = np.random.default_rng(seed)
    drawn = chance.normal(size=(count, dimension)) + common * chance.normal(size=dimension)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(1, 60), DIMENSIONS, st.integers(0, 99))
def test_as_many_vectors_come_back_as_were_packed(count: int, dimension: int, seed: int) -> None:
    packed = pack(rows(count, dimension, seed))
    assert count_packed(packed, dimension) == count
    found = products(rows(3, dimension, seed), [packed, packed])
    assert found.shape == (2 * count, 3)
    assert np.isfinite(found).all()
    assert pack(rows(count, dimension, seed)) == packed


@given(DIMENSIONS, st.integers(0, 99))
def test_turning_keeps_every_inner_product(dimension: int, seed: int) -> None:
    drawn = rows(20, dimension, seed)
    assert np.allclose(turned(drawn) @ turned(drawn).T, drawn @ drawn.T, atol=1e-5)


@pytest.mark.parametrize("dimension", [384, 768, 1000])
def test_inner_products_are_right_on_average_and_seldom_far_off(dimension: int) -> None:
    told, asked = rows(400, dimension, 0), rows(400, dimension, 1)
    packed = pack(told)
    assert len(packed) / len(told) < dimension / 3.9 + 5
    off = products(turned(asked), [packed]) - told @ asked.T
    assert abs(off.mean()) < 0.001
    assert off.std() < 0.35 / np.sqrt(dimension)


def test_a_number_that_stands_out_does_no_harm() -> None:
    told = rows(200, 384, 0)
    told[:, 7] += 3
    told /= np.linalg.norm(told, axis=1, keepdims=True)
    off = products(turned(told), [pack(told)]) - told @ told.T
    assert np.abs(off).max() < 0.08


def test_equal_tokens_and_a_single_one_come_back_nearly_exactly() -> None:
    one = rows(1, 384, 5)
    for told in (one, np.repeat(one, 7, axis=0)):
        assert (
            np.abs(products(np.eye(384, dtype=np.float32), [pack(told)]) - turned(told)).max()
            < 0.001
        )


def test_each_question_token_finds_its_like_in_each_text() -> None:
    texts, asked = [rows(count, 384, count) for count in (1, 30, 7)], rows(5, 384, 9)
    found = likeness(turned(asked), [pack(text) for text in texts])
    assert found.shape == (3, 5)
    for best, text in zip(found, texts, strict=True):
        assert np.abs(best - (text @ asked.T).max(axis=0)).max() < 0.05


@pytest.mark.parametrize("wrong", [b"", b"\0" * 10, pack(rows(3, 16, 0))[:-1]])
def test_what_was_not_packed_is_said_to_be_none(wrong: bytes) -> None:
    assert count_packed(wrong, 16) == 0
    with pytest.raises(ValueError, match="no token vectors"):
        products(rows(1, 16, 0), [wrong])
