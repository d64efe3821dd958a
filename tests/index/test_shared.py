"""Many people and one encoder: what waits is read together, and nothing comes out otherwise."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from index import EncoderError, SharedEncoder, default_encoder
from index.encoder import Kind
from index.late import Parts, Tokens
from tests.hashed import Hashed

QUESTIONS = ["维生素K缺乏为什么会导致骨丢失？", "What is RANKL?", "肝性骨病如何诊断？", "IL-6?"]


class Slow(Hashed):
    """Notes what it is given at once, and can be held up; some text it cannot read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[list[str]] = []
        self.begun, self.go_on = Event(), Event()
        self.go_on.set()

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        self.read.append(list(texts))
        self.begun.set()
        assert self.go_on.wait(20)
        if "unreadable" in texts:
            raise EncoderError("unreadable")
        return super().encode_tokens(texts, kind, progress)

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        """Read a document in batches of one text, as the real encoder does in larger ones."""
        found: list[Parts] = []
        for text, spans in zip(texts, parts, strict=True):
            found += super().encode_parts([text], [spans])
            self.read.append([text])
            if progress:
                progress(1)
        return found


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_those_who_come_while_one_is_read_are_read_together() -> None:
    slow = Slow()
    shared = SharedEncoder(slow)
    slow.go_on.clear()
    with ThreadPoolExecutor(8) as people:
        first = people.submit(shared.encode_tokens, ["first"], "query")
        assert slow.begun.wait(10)
        others = [people.submit(shared.encode_tokens, [f"{n}", f"{n}?"], "query") for n in range(6)]
        until(lambda: shared._next is not None and len(shared._next.texts) == 12)
        slow.go_on.set()
        found = [each.result(10) for each in (first, *others)]
    assert slow.read[0] == ["first"]
    assert [len(batch) for batch in slow.read] == [1, 12]
    alone = Hashed()
    for (vectors, tokens), texts in zip(
        found, [["first"], *([f"{n}", f"{n}?"] for n in range(6))], strict=True
    ):
        expected, _ = alone.encode_tokens(texts, "query")
        np.testing.assert_array_equal(vectors, expected)
        assert len(tokens) == len(texts)


def test_whoever_asks_alone_is_read_alone_and_at_once() -> None:
    slow = Slow()
    shared = SharedEncoder(slow)
    for text in "abc":
        shared.encode_tokens([text], "query")
    assert slow.read == [["a"], ["b"], ["c"]]


def test_one_that_cannot_be_read_spoils_no_other() -> None:
    slow = Slow()
    shared = SharedEncoder(slow)
    slow.go_on.clear()
    with ThreadPoolExecutor(8) as people:
        first = people.submit(shared.encode_tokens, ["first"], "query")
        assert slow.begun.wait(10)
        others = [
            people.submit(shared.encode_tokens, [text], "query")
            for text in ("fine", "unreadable", "good")
        ]
        until(lambda: shared._next is not None and len(shared._next.texts) == 3)
        slow.go_on.set()
        fine, unreadable, good = others
        assert len(fine.result(10)[1]) == len(good.result(10)[1]) == len(first.result(10)[1]) == 1
        with pytest.raises(EncoderError, match="unreadable"):
            unreadable.result(10)


def test_a_document_lets_questions_pass_and_is_read_all_the_same() -> None:
    slow = Slow()
    shared = SharedEncoder(slow)
    document = [f"passage {n}" for n in range(4)]
    steps: list[int] = []
    stop = Event()

    def ask() -> None:
        while not stop.is_set():
            shared.encode_tokens(["question"], "query")

    asking = Thread(target=ask)
    asking.start()
    try:
        parts = shared.encode_parts(document, [[(0, 7)]] * 4, steps.append)
    finally:
        stop.set()
        asking.join(10)
    assert steps == [1, 1, 1, 1]
    assert len(parts) == 4
    read = [batch[0] for batch in slow.read]
    places = [read.index(passage) for passage in document]
    assert all(later - earlier > 100 for earlier, later in itertools.pairwise(places))


def test_a_document_does_not_wait_when_nobody_asks() -> None:
    shared = SharedEncoder(Slow())
    began = time.monotonic()
    shared.encode_parts([f"passage {n}" for n in range(200)], [[(0, 7)]] * 200)
    assert time.monotonic() - began < 1


def test_the_real_encoder_reads_the_same_together_as_alone() -> None:
    shared = SharedEncoder(default_encoder())
    with ThreadPoolExecutor(4) as people:
        together = list(
            people.map(lambda text: shared.encode_tokens([text], "query"), QUESTIONS * 3)
        )
    for text, (vectors, (tokens,)) in zip(QUESTIONS * 3, together, strict=True):
        expected, (own,) = default_encoder().encode_tokens([text], "query")
        np.testing.assert_allclose(vectors, expected, atol=2e-6)
        np.testing.assert_allclose(tokens.vectors, own.vectors, atol=2e-5)
        np.testing.assert_array_equal(tokens.weights, own.weights)
