"""The ways a model is read: laid end to end as by sentence-transformers, only faster."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from index import SentenceTransformerEncoder, default_encoder
from index.bert import STEP, rounded
from index.e5s1 import Weights
from index.readers import PackedReader, PlainReader, Reader, Reading, load_reader
from index.weights import bundled_model, write_model

ROOT = Path(__file__).parents[2]
TEXTS = [
    "骨密度",
    "",
    "Leptin is secreted by adipocytes. " * 9,
    "维生素D在肝脏中羟化为25-羟基维生素D[13]。",
    "肥胖降低骨密度的同时并增加骨折风险，" * 60,
    "TNF-α、NF-κB",
]
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 514,
    "pad_token_id": 1,
    "initializer_range": 0.2,  # far enough from nothing for every part to be seen
    "hidden_act": "gelu",
}


def small_model(folder: Path, kind: str, pooling: str) -> Path:
    """Write a small model of chance, with a vocabulary of single characters."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *sorted(set("".join(TEXTS) + "abcdeé.:0123"))]
    made = {
        "bert": (transformers.BertConfig, transformers.BertModel),
        "xlm-roberta": (transformers.XLMRobertaConfig, transformers.XLMRobertaModel),
        "mpnet": (transformers.MPNetConfig, transformers.MPNetModel),
    }
    configuration, model = made[kind]
    torch.manual_seed(0)
    config = configuration(**SMALL, vocab_size=len(pieces) + 8)
    tensors = {name: each.numpy() for name, each in model(config).state_dict().items()}
    named = config.to_dict() | {"model_type": kind}
    vocabulary = [(piece, -float(at % 7)) for at, piece in enumerate(pieces)]
    write_model(Weights(named, vocabulary, {}, tensors), folder)
    told = {"word_embedding_dimension": 32, f"pooling_mode_{pooling}_tokens": True}
    if pooling == "cls":
        told = {"word_embedding_dimension": 32, "pooling_mode_cls_token": True}
    told.setdefault("pooling_mode_mean_tokens", False)
    (folder / "1_Pooling/config.json").write_text(json.dumps(told))
    return folder


def readings(reader: Reader, texts: list[str] = TEXTS, prompt: str = "passage: ") -> list[Reading]:
    found = {at: each for batch in reader.read(texts, prompt, placed=True) for at, each in batch}
    return [found[at] for at in range(len(texts))]


def cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    found: NDArray[np.float32] = (one * other).sum(axis=-1) / lengths
    return found


def agree(one: Reader, other: Reader, least: float) -> None:
    for mine, theirs in zip(readings(one), readings(other), strict=True):
        assert mine.ids.tolist() == theirs.ids.tolist()
        assert mine.places is not None
        assert theirs.places is not None
        np.testing.assert_array_equal(mine.places, theirs.places)
        assert cosines(mine.vector, theirs.vector) > least
        assert cosines(mine.states, theirs.states).min() > least


@pytest.fixture(scope="module")
def plain() -> PlainReader:
    return PlainReader.open(str(bundled_model()), "the bundled model", fetch=False)


def test_the_bundled_model_reads_as_sentence_transformers_does(plain: PlainReader) -> None:
    agree(PackedReader.open(bundled_model()), plain, 0.9995)


def test_neither_neighbours_nor_order_change_what_is_read() -> None:
    together = readings(PackedReader.open(bundled_model(), batch_tokens=10_000))
    apart = PackedReader.open(bundled_model(), batch_tokens=1)
    for text, mine, theirs in zip(TEXTS, together, readings(apart), strict=True):
        np.testing.assert_allclose(mine.states, theirs.states, atol=1e-4)
        (alone,) = readings(apart, [text])
        np.testing.assert_allclose(mine.vector, alone.vector, atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_any_bert_is_read_end_to_end(kind: str, pooling: str, tmp_path: Path) -> None:
    folder = small_model(tmp_path / "small", kind, pooling)
    reader = load_reader(folder, "small", fetch=False, batch_tokens=64)
    assert isinstance(reader, PackedReader)
    assert reader.pooling == pooling
    agree(reader, PlainReader.open(str(folder), "small", fetch=False), 0.995)


@pytest.mark.parametrize(("kind", "pooling"), [("mpnet", "mean"), ("bert", "max")])
def test_what_is_no_such_bert_is_left_to_sentence_transformers(
    kind: str, pooling: str, tmp_path: Path
) -> None:
    folder = small_model(tmp_path / "small", kind, pooling)
    reader = load_reader(folder, "small", fetch=False, batch_tokens=64)
    assert isinstance(reader, PlainReader)
    encoder = SentenceTransformerEncoder(folder)
    assert encoder.encode(TEXTS, "passage").shape == (len(TEXTS), 32)
    vectors, tokens = encoder.encode_tokens(TEXTS, "query")
    assert len(vectors) == len(tokens) == len(TEXTS)
    (parts,) = encoder.encode_parts([TEXTS[3]], [[(0, 5), (5, 12)]])
    assert parts.vectors.shape == (2, 32)


def test_few_sizes_of_matrices_stand_for_all() -> None:
    """What torch compiles for each size stays in memory as long as the process."""
    sizes = {rounded(tokens) for tokens in range(1, 4097)}
    assert len(sizes) < 128
    for tokens in range(1, 4097):
        assert tokens <= rounded(tokens) <= tokens + max(STEP - 1, tokens // 16)


def test_a_question_asked_again_is_not_read_again() -> None:
    encoder = SentenceTransformerEncoder(bundled_model())
    first, (kept,) = encoder.encode_tokens(["骨密度"], "query")
    vectors, (again, other) = encoder.encode_tokens(["骨密度", "瘦素"], "query")
    assert again is kept
    assert other is not kept
    np.testing.assert_array_equal(first[0], vectors[0])
    assert not kept.vectors.flags.writeable, "who asks next is given the same"
    assert encoder.encode_tokens(["骨密度"], "passage")[1][0] is not kept


NEEDED = """
import sys
from index import default_encoder
default_encoder().encode_tokens(["骨"], "query")
print({"transformers", "sentence_transformers", "scipy", "gradio"} & set(sys.modules))
import torch
print(torch.get_num_threads())
"""


def test_the_bundled_model_needs_torch_and_nothing_above_it() -> None:
    default_encoder().load()  # so that the weights are made
    done = subprocess.run(
        [sys.executable, "-c", NEEDED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["set()", "1"], done.stderr
