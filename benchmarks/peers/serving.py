"""What every process under measure runs: one retriever, asked in turn over standard input.

Standard library only: the interpreter is the peer's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

SIZE, OVERLAP = 500, 50
"""Characters of a chunk, and those it shares with the one before."""
QUERY, PASSAGE = "query: ", "passage: "
"""The prompts that the weights were trained with."""


class Peer(Protocol):
    """Finds text for questions; made from the weights' folder, which loads them."""

    def build(self, files: list[str], folder: str) -> None:
        """Index text files and save the index in a new folder."""

    def open(self, folder: str) -> None:
        """Make ready to be asked what was built in a folder."""

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        """Return the texts of the best `k` units with their scores, higher is better."""


def serve(make: Callable[[str], Peer]) -> None:
    """Do what the lines of standard input ask of a peer: `["ask", "question", 3]`.

    Each is answered with the seconds it took and what it returned. Whatever the libraries print
    goes to standard error.
    """
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    peer = make(sys.argv[1])
    verbs: dict[str, Callable[..., object]]
    verbs = {"build": peer.build, "open": peer.open, "ask": peer.ask}
    for line in sys.stdin:
        verb, *given = json.loads(line)
        started = time.perf_counter()
        found = verbs[verb](*given)
        print(json.dumps([time.perf_counter() - started, found]), file=told, flush=True)
