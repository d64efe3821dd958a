"""A quick encoder for tests of what has nothing to do with meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Kind
from index.late import Parts, Tokens


class Hashed:
    """A quick encoder without meaning: equal texts get equal vectors."""

    dimension = 16

    def __init__(self, fingerprint: str = "hashed@1") -> None:
        self.fingerprint = fingerprint

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = np.empty((len(texts), self.dimension), np.float32)
        for at, text in enumerate(texts):
            seed = sum(ord(char) * (n + 1) for n, char in enumerate(text))
            row = np.random.default_rng(seed).normal(size=self.dimension)
            rows[at] = row / np.linalg.norm(row)
            if progress:
                progress(1)
        return rows

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        rows = self.encode(texts, kind)
        return rows, [Tokens(row[None, :], np.ones(1, np.float32)) for row in rows]

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        rows = self.encode(texts, "passage", progress)
        return [
            Parts(row, self.encode([text[start:end] for start, end in spans], "passage"))
            for row, text, spans in zip(rows, texts, parts, strict=True)
        ]


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(text, "utf-8")
    return file
