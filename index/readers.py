"""How a model reads texts: laid end to end where it is a BERT, by sentence-transformers if not.

The only module that imports sentence-transformers, and only for models that are not the bundled
one: importing it takes longer than all else that a first answer needs.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .bert import Bert, is_bert
from .errors import EncoderError
from .models import quiet
from .processor import fastest, gpu, workers

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Pooling = Literal["mean", "cls"]
BATCH_TOKENS = 2048
"""Of a batch: from a few hundred on, more make nothing faster, but take memory."""
LEAST_TOKENS = 256
"""Of a batch that is made smaller for every core to have one."""
BATCH_TEXTS = 32
PROBE = "passage: 骨密度（BMD）与 25-羟基维生素D [13]。\nLeptin is Secreted by ADIPOCYTES; café, 3～5 µg."
SAME = 0.999
"""Least cosine at which two ways of reading are the same; bfloat16 keeps .9999."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of a text: its vector `(d,)`, and the id and state of every token.

    `places` `(t, 2)` are where the tokens stand in prompt and text together, `(0, 0)` for special
    ones; None where nobody asked.
    """

    vector: NDArray[np.float32]
    ids: NDArray[np.int64]
    states: NDArray[np.float32]
    places: NDArray[np.intp] | None


Batch = list[tuple[int, Reading]]
"""Readings, each with the place of its text among those that were given."""


class Reader(Protocol):
    """A model, loaded."""

    dimension: int
    prompts: Mapping[str, str]
    special: Sequence[int]
    """Ids of tokens that stand for nothing in a text."""
    tokenizer: Any
    """Of the package `tokenizers`, or None."""

    def read(self, texts: Sequence[str], prompt: str, placed: bool = False) -> Iterator[Batch]:
        """Read the texts, each behind the prompt, in any order; may be called by many threads."""


class PackedReader:
    """Reads with `Bert`: batches of so many tokens, of like length, one a core at a time."""

    def __init__(
        self,
        bert: Bert,
        tokenizer: Any,
        longest: int,
        prompts: Mapping[str, str],
        special: Sequence[int],
        pooling: Pooling,
        batch_tokens: int = BATCH_TOKENS,
    ) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(longest)
        self.bert, self.tokenizer = bert, tokenizer
        self.dimension, self.prompts, self.special = bert.dimension, prompts, special
        self.pooling, self.batch_tokens = pooling, batch_tokens
        self._threads = ThreadPoolExecutor(workers(), "reading")

    @classmethod
    def open(cls, folder: Path, batch_tokens: int = BATCH_TOKENS) -> PackedReader:
        """Open a folder that `index.weights.write_model` wrote; its weights stay mapped from it."""
        from safetensors import safe_open
        from tokenizers import Tokenizer

        def told(name: str) -> dict[str, Any]:
            found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
            return found

        with safe_open(folder / "model.safetensors", "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        bert = Bert(tensors, told("config.json"), fastest())
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        added = tokenizer.get_added_tokens_decoder()
        special = [id for id, token in added.items() if token.special]
        prompts = told("config_sentence_transformers.json")["prompts"]
        longest = told("sentence_bert_config.json")["max_seq_length"]
        return cls(bert, tokenizer, longest, prompts, special, "mean", batch_tokens)

    def read(self, texts: Sequence[str], prompt: str, placed: bool = False) -> Iterator[Batch]:
        encodings = self.tokenizer.encode_batch([prompt + text for text in texts])
        # The longest first, so that a batch too large for the memory fails at once.
        order = sorted(range(len(texts)), key=lambda at: -len(encodings[at].ids))
        total = sum(len(encoding.ids) for encoding in encodings)
        room = min(self.batch_tokens, max(LEAST_TOKENS, -(-total // workers())))
        batches: list[list[int]] = []
        held = room
        for at in order:
            if held + len(encodings[at].ids) > room:
                batches.append([])
                held = 0
            batches[-1].append(at)
            held += len(encodings[at].ids)
        if len(batches) == 1:
            yield self._read(batches[0], encodings, placed)
            return
        waiting: deque[Future[Batch]] = deque()
        for batch in batches:
            waiting.append(self._threads.submit(self._read, batch, encodings, placed))
            if len(waiting) > workers():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _read(self, batch: list[int], encodings: Sequence[Any], placed: bool) -> Batch:
        ids = [np.array(encodings[at].ids, np.int64) for at in batch]
        states = self.bert.states(ids)
        ends = np.cumsum([len(each) for each in ids])
        readings = []
        for at, own, end in zip(batch, ids, ends, strict=True):
            rows = states[end - len(own) : end]
            vector = rows.mean(axis=0) if self.pooling == "mean" else rows[0]
            places = np.array(encodings[at].offsets, np.intp) if placed else None
            readings.append((at, Reading(vector, own, rows, places)))
        return readings


class PlainReader:
    """Reads with sentence-transformers, whatever the model is made of."""

    def __init__(self, model: SentenceTransformer) -> None:
        self.model = model
        self.dimension = len(model.encode("", show_progress_bar=False))
        self.prompts: Mapping[str, str] = {
            n: prompt for n, prompt in model.prompts.items() if prompt
        }
        self.special: Sequence[int] = list(model.tokenizer.all_special_ids)
        self.tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
        # Held while reading: a tokenizer of transformers raises an error if two threads use it.
        self._lock = Lock()

    @classmethod
    def open(cls, source: str, name: str, fetch: bool) -> PlainReader:
        """Load a model from a folder, or from the hub if it may be fetched.

        On a GPU that computes in bfloat16, in that. Raises `EncoderError`.
        """
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        if not fetch:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        with quiet():
            from sentence_transformers import SentenceTransformer

            try:
                model = SentenceTransformer(source, local_files_only=not fetch)
            except (OSError, ValueError) as error:
                raise EncoderError(
                    f"{name} does not load as a sentence-transformers model: {error}"
                ) from error
        return cls(model.bfloat16() if gpu() else model)

    def read(self, texts: Sequence[str], prompt: str, placed: bool = False) -> Iterator[Batch]:
        order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        for start in range(0, len(order), BATCH_TEXTS):
            batch = order[start : start + BATCH_TEXTS]
            with self._lock:
                outputs: Any = self.model.encode(
                    [texts[at] for at in batch],
                    prompt=prompt,
                    batch_size=BATCH_TEXTS,
                    show_progress_bar=False,
                    output_value=None,
                    convert_to_numpy=False,
                )
                found = [self._places(prompt + texts[at]) if placed else None for at in batch]
            yield [
                (at, _reading(output, places))
                for at, output, places in zip(batch, outputs, found, strict=True)
            ]

    def _places(self, text: str) -> NDArray[np.intp]:
        read = self.model.tokenizer(
            text, truncation=True, max_length=self.model.max_seq_length, return_offsets_mapping=True
        )
        return np.array(read["offset_mapping"], np.intp)

    def packed(self, batch_tokens: int = BATCH_TOKENS) -> PackedReader | None:
        """Return a reader that gives the same, faster; None where there is none.

        That it gives the same is not looked up but tried, since a model can differ from what its
        configuration says in more ways than anyone would list.
        """
        from transformers import PreTrainedModel

        inner = getattr(self.model[0], "auto_model", None)
        if not isinstance(inner, PreTrainedModel) or self.tokenizer is None:
            return None
        config = inner.config.to_dict()
        if not is_bert(config) or self.model.max_seq_length is None:
            return None
        tokenizer = type(self.tokenizer).from_str(self.tokenizer.to_str())
        bert = Bert(dict(inner.state_dict()), config, fastest())
        if bert.dimension != self.dimension:
            return None
        rest = (self.model.max_seq_length, self.prompts, self.special)
        poolings: tuple[Pooling, ...] = ("mean", "cls")
        for pooling in poolings:
            packed = PackedReader(bert, tokenizer, *rest, pooling, batch_tokens)
            if _alike(packed, self):
                return packed
        return None


def _reading(output: Mapping[str, Any], places: NDArray[np.intp] | None) -> Reading:
    read = output["attention_mask"].cpu().numpy() > 0
    return Reading(
        output["sentence_embedding"].float().cpu().numpy(),
        output["input_ids"].cpu().numpy()[read],
        output["token_embeddings"].float().cpu().numpy()[read],
        places,
    )


def _alike(one: Reader, other: Reader) -> bool:
    """Tell whether two readers make the same of a text with something of everything in it."""
    ((_, mine),), ((_, theirs),) = (next(each.read([PROBE], "")) for each in (one, other))
    if mine.ids.tolist() != theirs.ids.tolist():
        return False
    pairs = [(mine.vector, theirs.vector), *zip(mine.states, theirs.states, strict=True)]
    cosines = [a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) for a, b in pairs]
    return bool(np.mean(cosines) > SAME and cosines[0] > SAME)


def open_bundled(folder: Path, batch_tokens: int) -> Reader:
    """Open the bundled weights by whatever reads them fastest on this machine."""
    if gpu():
        return PlainReader.open(str(folder), "the bundled model", fetch=False)
    return PackedReader.open(folder, batch_tokens)


def load_reader(source: Path | str, name: str, fetch: bool, batch_tokens: int) -> Reader:
    """Load a model by whatever reads it fastest on this machine; raises `EncoderError`."""
    plain = PlainReader.open(str(source), name, fetch)
    return plain if gpu() else (plain.packed(batch_tokens) or plain)
