"""Texts into vectors, by any sentence-transformers model; the bundled weights unless told else.

The only module that imports sentence-transformers, and it does so when a model is first needed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import EncoderError
from .late import Parts, Tokens, token_weights
from .models import hash_of_files, model_folder, quiet
from .terms import encodable
from .weights import bundled_model, fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Kind = Literal["query", "passage"]

# Names under which models keep their prompts.
PROMPTS: dict[Kind, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document")}


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Names the exact weights: vectors of two encoders compare only if it is the same."""

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
    The network is asked for nothing unless `allow_download` is given with a hub name.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        allow_download: bool = False,
        batch_size: int = 32,
    ) -> None:
        self.model = model
        self.allow_download = allow_download
        self.batch_size = batch_size
        # Held while encoding too: a tokenizer that two threads use at once raises an error.
        self._lock = RLock()
        self._loaded: SentenceTransformer | None = None

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

    @cached_property
    def dimension(self) -> int:
        """Length of every vector; loads the model."""
        with self._lock:
            return len(self.load().encode("", show_progress_bar=False))

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of the texts, in their order: (n, dimension) float32, each row of length 1.

        Raises `EncoderError`, and `WeightsError` where the bundled weights cannot be made ready.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch, outputs in self._outputs(texts, kind):
            vectors[batch] = self._pooled(outputs)
            if progress:
                progress(len(batch))
        return vectors

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        """Vectors of the texts as `encode` gives them, and of the tokens of each; errors alike."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens: list[Tokens | None] = [None] * len(texts)
        for batch, outputs in self._outputs(texts, kind):
            vectors[batch] = self._pooled(outputs)
            for at, output in zip(batch, outputs, strict=True):
                tokens[at] = self._tokens(output, kind)
            if progress:
                progress(len(batch))
        return vectors, [each for each in tokens if each is not None]

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
        for batch, outputs in self._outputs(texts, "passage"):
            pooled = self._pooled(outputs)
            for at, vector, output in zip(batch, pooled, outputs, strict=True):
                found[at] = self._parts(texts[at], parts[at], vector, output)
            if progress:
                progress(len(batch))
        return [each for each in found if each is not None]

    def _parts(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        vector: NDArray[np.float32],
        output: dict[str, Any],
    ) -> Parts:
        places = self._places(text)
        states = output["token_embeddings"].float().cpu().numpy()[: len(places)]
        vectors = np.empty((len(spans), len(vector)), np.float32)
        for at, (start, end) in enumerate(spans):
            own = (places[:, 0] < end) & (places[:, 1] > start)
            if places[-1, 1] < end or not own.any():
                vectors[at] = self.encode([text[start:end]], "passage")[0]
            else:
                vectors[at] = unit_rows(states[own].mean(axis=0, keepdims=True), self._name)[0]
        return Parts(vector, vectors)

    def _places(self, text: str) -> NDArray[np.intp]:
        """Return where in a passage each token stands, `(t, 2)`; nowhere for prompt and specials.

        The last row is that of the last token which stands somewhere.
        """
        prompt, model = self._prompt("passage"), self.load()
        with self._lock:
            read = model.tokenizer(
                prompt + encodable(text),
                truncation=True,
                max_length=model.max_seq_length,
                return_offsets_mapping=True,
            )
        places = np.array(read["offset_mapping"]) - len(prompt)
        places[places[:, 1] <= 0] = (0, 0)
        held = np.flatnonzero(places[:, 1])
        return places[: held[-1] + 1] if len(held) else np.zeros((1, 2), np.intp)

    def _outputs(
        self, texts: Sequence[str], kind: Kind
    ) -> Iterator[tuple[list[int], list[dict[str, Any]]]]:
        """Run the model over the texts; yield batches of their places with what it gave."""
        model = self.load()
        # Texts of like length in a batch leave little padding; the longest first, so that a batch
        # too large for the memory fails at once.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            with self._lock:
                outputs: Any = model.encode(
                    [encodable(texts[i]) for i in batch],
                    prompt=self._prompt(kind),
                    batch_size=self.batch_size,
                    show_progress_bar=False,
                    output_value=None,
                    convert_to_numpy=False,
                )
            yield batch, outputs

    def _prompt(self, kind: Kind) -> str:
        prompts = (self.load().prompts.get(name) for name in PROMPTS[kind])
        return next(filter(None, prompts), "")

    def _pooled(self, outputs: Sequence[dict[str, Any]]) -> NDArray[np.float32]:
        rows = [output["sentence_embedding"].float().cpu().numpy() for output in outputs]
        return unit_rows(np.stack(rows), self._name)

    def _tokens(self, output: dict[str, Any], kind: Kind) -> Tokens:
        ids = output["input_ids"].cpu().numpy()
        own = (output["attention_mask"].cpu().numpy() > 0) & ~np.isin(ids, self._special)
        own[: self._prompt_length[kind]] = False
        if not own.any():  # nothing but the prompt: it has to stand for the text
            own[0] = True
        rows = output["token_embeddings"].float().cpu().numpy()[own]
        return Tokens(unit_rows(rows, self._name), self._weights[ids[own]])

    @cached_property
    def _special(self) -> list[int]:
        return list(self.load().tokenizer.all_special_ids)

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        return token_weights(self.load().tokenizer)

    @cached_property
    def _prompt_length(self) -> dict[Kind, int]:
        tokenizer = self.load().tokenizer
        return {
            kind: len(tokenizer(self._prompt(kind))["input_ids"]) - 1 if self._prompt(kind) else 0
            for kind in PROMPTS
        }

    def load(self) -> "SentenceTransformer":
        """Load the model now rather than at first need, and return it.

        Raises `EncoderError`, and `WeightsError` where the bundled weights cannot be made ready.
        """
        with self._lock:
            if self._loaded is None:
                if not self._is_to_fetch:
                    os.environ.setdefault("HF_HUB_OFFLINE", "1")
                os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
                source = str(self.model) if self._is_to_fetch else str(self._folder())
                with quiet():
                    from sentence_transformers import SentenceTransformer

                    try:
                        self._loaded = SentenceTransformer(
                            source, local_files_only=not self._is_to_fetch
                        )
                    except (OSError, ValueError) as error:
                        raise EncoderError(
                            f"{self._name} does not load as a sentence-transformers model: {error}"
                        ) from error
            return self._loaded

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
    """The encoder of the bundled weights: one a process, since they take 500 MB of memory."""
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
