"""An encoder that many people use at once: waiting questions are read together, before documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition

import numpy as np
from numpy.typing import NDArray

from .encoder import Encoder, Kind
from .late import Parts, Tokens

QUIET = 0.1
"""Seconds without a question after which a document goes on."""
PATIENCE = 1.0
"""Seconds that a document waits for that after each batch of it, at most: it gets in some day."""

Read = tuple[NDArray[np.float32], list[Tokens]]


@dataclass
class _Batch:
    """Questions that are read together."""

    texts: list[str] = field(default_factory=list)
    read: Future[Read] = field(default_factory=Future)


class SharedEncoder:
    """An `Encoder` that reads with another one; to be shared between threads.

    Whoever asks while nothing is read is read at once; those who come meanwhile are read together
    next, which takes half the time or less. A document that is being read lets questions pass
    after each of its batches.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._thread = ThreadPoolExecutor(1, "questions")
        self._changed = Condition()
        self._next: _Batch | None = None
        self._asking = 0
        self._asked = -QUIET  # when the last question had been read

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        return self._encoder.encode(texts, kind, self._giving_way(kind, progress))

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> Read:
        if kind != "query":
            return self._encoder.encode_tokens(texts, kind, self._giving_way(kind, progress))
        try:
            batch, start = self._join(texts)
            if batch.read.exception():  # each of them is told what is wrong with its own
                return self._encoder.encode_tokens(texts, kind, progress)
            vectors, tokens = batch.read.result()
        finally:
            self._leave()
        if progress:
            progress(len(texts))
        own = slice(start, start + len(texts))
        return vectors[own], tokens[own]

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        return self._encoder.encode_parts(texts, parts, self._giving_way("passage", progress))

    def _join(self, texts: Sequence[str]) -> tuple[_Batch, int]:
        """Return the batch that the texts are read in, and where in it they begin."""
        with self._changed:
            self._asking += 1
            if self._next is None:
                self._next = _Batch()
                self._next.read = self._thread.submit(self._read, self._next)
            batch, start = self._next, len(self._next.texts)
            batch.texts += texts
        return batch, start

    def _read(self, batch: _Batch) -> Read:
        with self._changed:
            self._next = None  # whoever comes now is read next
        return self._encoder.encode_tokens(batch.texts, "query")

    def _leave(self) -> None:
        with self._changed:
            self._asking -= 1
            self._asked = time.monotonic()
            self._changed.notify_all()

    def _giving_way(
        self, kind: Kind, progress: Callable[[int], None] | None
    ) -> Callable[[int], None] | None:
        if kind == "query":
            return progress

        def advance(count: int) -> None:
            if progress:
                progress(count)
            self._let_questions_pass()

        return advance

    def _let_questions_pass(self) -> None:
        until = time.monotonic() + PATIENCE
        with self._changed:
            while (now := time.monotonic()) < until:
                wait = until - now if self._asking else self._asked + QUIET - now
                if wait <= 0:
                    return
                self._changed.wait(min(wait, until - now))
