"""The peers: which packages each is, in which versions, and the environments they run in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TORCH = "torch==2.13.0"
MODELS = ("transformers==5.23.0", "sentence-transformers==6.2.0")
"""What runs the weights, alike for all and as in this project's own lock."""


@dataclass(frozen=True)
class Peer:
    """A program to compare with; `without_dependencies` are installed beside what they ask for."""

    packages: tuple[str, ...]
    relaxed: str = "nothing"
    without_dependencies: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        named = (*self.without_dependencies, *self.packages)
        return tuple(each for each in named if each not in MODELS)

    @property
    def wanted(self) -> str:
        return "\n".join((TORCH, *self.packages, *self.without_dependencies)) + "\n"


PEERS = {
    "langchain": Peer(
        (
            *MODELS,
            "langchain-community==0.4.2",
            "langchain-huggingface==1.2.3",
            "langchain-text-splitters==1.1.3",
            "faiss-cpu==1.15.1",
        )
    ),
    "llama-index": Peer(
        (*MODELS, "llama-index-core==0.14.25", "llama-index-embeddings-huggingface==0.8.0"),
        relaxed="its splitter counts characters instead of tokens; files read as plain text, since "
        "its reader embeds their paths",
    ),
    "haystack": Peer(
        (*MODELS, "haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0"),
        relaxed="its splitter without sentences, which need data that is fetched",
    ),
    "txtai": Peer((MODELS[0], "txtai==9.14.0", "chonkie==1.7.0", "faiss-cpu==1.15.1")),
    "verbatim-rag": Peer(
        (
            *MODELS,
            "pymilvus==2.6.17",
            "milvus-lite==2.5.1",
            "setuptools==80.10.2",
            "jinja2==3.1.6",
            "openai==3.54.0",
            "pydantic-settings==2.16.3",
            "rapidfuzz==3.14.6",
            "scikit-learn==1.9.1",
        ),
        relaxed="its pins of transformers 4.53.3 and scikit-learn 1.6.1; docling, datasets, "
        "chonkie, tiktoken, pandas and its server left out; Milvus Lite 2, since it cannot use 3; "
        "a subclass for the prompts",
        without_dependencies=("verbatim-rag==0.2.8", "verbatim-core==0.2.8"),
    ),
}

SILENT = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "TRANSFORMERS_OFFLINE": "1",
}
"""What keeps the peers from calling anyone."""


class Unavailable(Exception):
    """A peer's environment cannot be made; says why."""


def interpreter(name: str, folder: Path, torch_index: str | None) -> Path:
    """Return the interpreter of a peer's environment under `folder`, which is made if need be.

    Raises Unavailable with pip's last word.
    """
    peer, home = PEERS[name], folder / name
    python, made = home / "bin" / "python", home / "made.txt"
    if made.exists() and made.read_text("utf-8") == peer.wanted:
        return python
    print(f"{name}: making {home}", file=sys.stderr)
    _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(home)])
    index = ["--index-url", torch_index] if torch_index else []
    _install(python, [TORCH, *index])
    _install(python, peer.packages)
    if peer.without_dependencies:
        _install(python, ["--no-deps", *peer.without_dependencies])
    made.write_text(peer.wanted, "utf-8")
    return python


def _install(python: Path, wanted: Sequence[str]) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    _run([*pip, "install", "--quiet", *wanted])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | SILENT)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise Unavailable((said or done.stderr.splitlines() or ["?"])[-1])
