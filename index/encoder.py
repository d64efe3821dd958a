"""Texts into vectors, by any sentence-transformers model; the bundled weights unless told else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import RLock
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import EncoderError
from .late import Parts, Tokens, token_weights
from .models import hash_of_files, model_folder
from .processor import calm_numpy
from .readers import BATCH_TOKENS, Batch, Reader, Reading, load_reader, open_bundled
from .recent import Recent
from .terms import encodable
from .weights import bundled_model, fingerprint, token_weights_of

Kind = Literal["query", "passage"]

PROMPTS: dict[Kind, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document")}
"""Names under which models keep their prompts."""
ASKED = 128
"""Questions whose vectors are kept: at most 100 MB, were all as long as is read at once."""


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Names the exact weights: vectors of two encoders compare only if it is the same.

        The weights, not how they are run: bfloat16, single precision and a GPU agree to a cosine
        of .9999, less than anything that ranks could see, so a library that one machine made
        serves on another, and an update that runs faster leaves it as it is.
        """

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of the texts: (n, dimension), each row of length 1.

        `progress` is called with the number of texts just done.
        """

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        """The same vectors, and those of the tokens of each text."""

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        """Passages read whole, with the vectors of some spans of each as they stand in it."""


class SentenceTransformerEncoder:
    """An `Encoder` from a sentence-transformers model: a folder, or a name in the hub's cache.

    Loads on first need; may be shared between threads. A text longer than the model reads is cut.
    The network is asked for nothing unless `allow_download` is given with a hub name. A model
    that is a BERT is read in batches of `batch_tokens`, without padding (`index/readers.py`).
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        allow_download: bool = False,
        batch_tokens: int = BATCH_TOKENS,
    ) -> None:
        self.model = model
        self.allow_download = allow_download
        self.batch_tokens = batch_tokens
        self._lock = RLock()
        self._loaded: Reader | None = None
        self._asked: Recent[tuple[NDArray[np.float32], Tokens]] = Recent(ASKED)

    @cached_property
    def fingerprint(self) -> str:
        """Names the exact weights; raises `EncoderError` where a model's files are not found.

        `name@` and 12 hex digits: of the files' SHA-256 for a folder, of the commit for a name.
        """
        if self.model is None:
            return fingerprint()
        if self._is_to_fetch:
            self.load()
        folder = self._folder()
        if not Path(self.model).is_dir():
            return f"{self.model}@{folder.name[:12]}"
        return f"{folder.resolve().name}@{hash_of_files(folder)[:12]}"

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model."""
        return self._reader().dimension

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of the texts, in their order: (n, dimension) float32, each row of length 1.

        Raises `EncoderError`, and `WeightsError` where the bundled weights cannot be made ready.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in self._batches(texts, kind, progress):
            for at, reading in batch:
                vectors[at] = reading.vector
        return unit_rows(vectors, self._name)

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        """Vectors of the texts as `encode` gives them, and of the tokens of each; errors alike.

        The last questions asked are kept, and not read again.
        """

        def read(texts: Sequence[str]) -> list[tuple[NDArray[np.float32], Tokens]]:
            return self._read_tokens(texts, kind, progress)

        found = self._asked.values(texts, read) if kind == "query" else read(texts)
        vectors = [vector for vector, _ in found]
        rows = np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)
        return rows, [tokens for _, tokens in found]

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        """Read passages whole; return the vectors of each and of its parts as they stand in it.

        `parts` are spans of characters of each text. A part's vector is the mean of its tokens',
        which know what stands around them (late chunking, Günther et al. 2024). A part beyond
        what the model reads at once is read by itself. Errors are those of `encode`.
        """
        found: list[Parts | None] = [None] * len(texts)
        beyond: list[tuple[NDArray[np.float32], str]] = []
        for batch in self._batches(texts, "passage", progress, placed=True):
            for at, reading in batch:
                vectors, unread = self._parts(parts[at], reading)
                found[at] = Parts(unit_rows(reading.vector[None, :], self._name)[0], vectors)
                beyond += [(vectors[part], texts[at][slice(*parts[at][part])]) for part in unread]
        alone = self.encode([text for _, text in beyond], "passage")
        for (row, _), vector in zip(beyond, alone, strict=True):
            row[:] = vector
        return [each for each in found if each is not None]

    def _parts(
        self, spans: Sequence[tuple[int, int]], reading: Reading
    ) -> tuple[NDArray[np.float32], list[int]]:
        """Return the vectors of the parts that were read, and which were not, whose are anything."""
        places = self._own_places(reading)
        vectors, unread = np.ones((len(spans), len(reading.vector)), np.float32), list[int]()
        for at, (start, end) in enumerate(spans):
            own = (places[:, 0] < end) & (places[:, 1] > start)
            if places[-1, 1] < end or not own.any():
                unread.append(at)
            else:
                vectors[at] = reading.states[: len(places)][own].mean(axis=0)
        return unit_rows(vectors, self._name), unread

    def _own_places(self, reading: Reading) -> NDArray[np.intp]:
        """Return where in a passage each token stands, `(t, 2)`; nowhere for prompt and specials.

        The last row is that of the last token which stands somewhere.
        """
        assert reading.places is not None
        places = reading.places - len(self._prompt("passage"))
        places[places[:, 1] <= 0] = (0, 0)
        held = np.flatnonzero(places[:, 1])
        return places[: held[-1] + 1] if len(held) else np.zeros((1, 2), np.intp)

    def _read_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None
    ) -> list[tuple[NDArray[np.float32], Tokens]]:
        found: list[tuple[NDArray[np.float32], Tokens] | None] = [None] * len(texts)
        for batch in self._batches(texts, kind, progress):
            for at, reading in batch:
                vector = unit_rows(reading.vector[None, :], self._name)[0]
                tokens = self._tokens(reading, kind)
                for kept in (vector, tokens.vectors, tokens.weights):
                    kept.setflags(write=False)  # a question's are given to whoever asks it again
                found[at] = vector, tokens
        return [each for each in found if each is not None]

    def _tokens(self, reading: Reading, kind: Kind) -> Tokens:
        own = ~np.isin(reading.ids, self._reader().special)
        own[: self._prompt_length[kind]] = False
        if not own.any():  # nothing but the prompt: it has to stand for the text
            own[0] = True
        rows = unit_rows(reading.states[own], self._name)
        return Tokens(rows, self._weights[reading.ids[own]])

    def _batches(
        self,
        texts: Sequence[str],
        kind: Kind,
        progress: Callable[[int], None] | None,
        placed: bool = False,
    ) -> Iterator[Batch]:
        readable = [encodable(text) for text in texts]
        for batch in self._reader().read(readable, self._prompt(kind), placed):
            yield batch
            if progress:
                progress(len(batch))

    def _prompt(self, kind: Kind) -> str:
        prompts = (self._reader().prompts.get(name) for name in PROMPTS[kind])
        return next(filter(None, prompts), "")

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        if self.model is None:
            return token_weights_of(self._folder())
        return token_weights(self._reader().tokenizer)

    @cached_property
    def _prompt_length(self) -> dict[Kind, int]:
        lengths: dict[Kind, int] = {}
        for kind in PROMPTS:
            ((_, alone),) = next(self._reader().read([""], self._prompt(kind)))
            lengths[kind] = len(alone.ids) - 1 if self._prompt(kind) else 0
        return lengths

    def load(self) -> None:
        """Load the model now rather than at first need.

        Raises `EncoderError`, and `WeightsError` where the bundled weights cannot be made ready.
        """
        self._reader()

    def _reader(self) -> Reader:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = self._load()
        return self._loaded

    def _load(self) -> Reader:
        calm_numpy()
        if self.model is None:
            return open_bundled(self._folder(), self.batch_tokens)
        source = self.model if self._is_to_fetch else self._folder()
        return load_reader(source, self._name, self._is_to_fetch, self.batch_tokens)

    @property
    def _name(self) -> str:
        return "the bundled model" if self.model is None else str(self.model)

    @property
    def _is_to_fetch(self) -> bool:
        return self.allow_download and self.model is not None and not Path(self.model).is_dir()

    def _folder(self) -> Path:
        return bundled_model() if self.model is None else model_folder(self.model)


@cache
def default_encoder() -> SentenceTransformerEncoder:
    """The encoder of the bundled weights: one a process, since it takes its time to load."""
    return SentenceTransformerEncoder()


def unit_rows(vectors: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """The vectors, (n, d), each divided by its length.

    Raises `EncoderError`, naming the model, where one has no direction: all zeros, or not finite.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise EncoderError(f"{name} gave a vector that is zero or not finite; try another model")
    rows: NDArray[np.float32] = vectors / lengths
    return rows
