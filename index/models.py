"""Where a sentence-transformers model lies, which one it is exactly, and how it loads quietly."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import EncoderError


def model_folder(model: str | Path) -> Path:
    """Return a model's folder: the one named, or that of a name in the hub's cache.

    The network is not asked. Raises `EncoderError`, with the cure, where there is none.
    """
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    # sentence-transformers' own models may be named without their owner.
    name = str(model)
    name = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{name} is neither a folder nor in the hub's cache on this machine: give the "
            "folder of a sentence-transformers model, or allow_download=True with a hub name"
        ) from error


def hash_of_files(folder: Path) -> str:
    """Return one SHA-256, in hex, of all the files that make a model what it is."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            total.update(f"{file.relative_to(folder).as_posix()} {digest}\n".encode())
    return total.hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Silences the libraries' progress bars and warnings while a model loads."""
    from transformers.utils import logging as transformers_logging

    theirs: Any = transformers_logging  # half its functions have no types
    sentence_transformers = logging.getLogger("sentence_transformers")
    verbosity, level = theirs.get_verbosity(), sentence_transformers.level
    had_bars = theirs.is_progress_bar_enabled()
    theirs.set_verbosity_error()
    theirs.disable_progress_bar()
    sentence_transformers.setLevel(logging.ERROR)
    try:
        yield
    finally:
        theirs.set_verbosity(verbosity)
        sentence_transformers.setLevel(level)
        if had_bars:
            theirs.enable_progress_bar()
