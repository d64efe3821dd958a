"""How many of the ten nearest are found: `python -m benchmarks.recall TEXT.txt ... [--json]`.

A line of a text is a passage. Every run of at most `RUN` clauses in it is a vector, made as those
of sentences are: the passage read whole, the run's tokens averaged (late chunking). They are
indexed as a library of that many vectors is, and asked for the neighbours of the questions of
`benchmarks/questions.jsonl` or of `--questions`, JSON lines with `question`. The true neighbours
are had by comparing all. `--limit` sets from how many vectors on they are clustered, so that
clusters can be measured on fewer vectors than they are used for.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

import index.vectors
from index import default_encoder
from index.ivf import EXACT, Nearest
from index.rows import Vectors
from index.vectors import LanguageIndex

DEPTH, ASKED, RUN = 10, 500, 12
QUESTIONS = Path(__file__).parent / "questions.jsonl"
CHUNK = 10_000
LONGEST = 700
"""Characters of a passage at most: about what the encoder reads at once."""
_CLAUSE = re.compile(r"[^，,、；;：:。！？!?.（）()]+[，,、；;：:。！？!?.（）()\s]*")

Spans = list[tuple[int, int]]


def cut(files: Sequence[Path], most: int) -> list[tuple[str, Spans]]:
    """Return the passages of some texts, each once, with the runs of clauses of each."""
    lines = (line for file in files for line in file.read_text("utf-8").split("\n"))
    found = []
    for text in dict.fromkeys(line.strip()[:LONGEST] for line in lines):
        clauses = [match.span() for match in _CLAUSE.finditer(text)]
        ends = [clauses[first : first + RUN] for first in range(len(clauses))]
        spans = [(run[0][0], end) for run in ends for _, end in run]
        if len(spans) > 1:
            found.append((text, spans))
    kept = sum(total <= most for total in accumulate(len(spans) for _, spans in found))
    return found[:kept]


def recall(index: LanguageIndex, vectors: Vectors, nearest: Nearest) -> float:
    """Return the share of the `DEPTH` nearest that come first when the best found are compared."""
    shares = []
    for query, true in zip(nearest.asked, nearest.ids, strict=True):
        found = sorted(index.search(query, EXACT), key=lambda each: -each[1])[:EXACT]
        ids = np.array([id for id, _ in found])
        best = ids[np.argsort(-(vectors[ids] @ query))[:DEPTH]]
        shares.append(len(np.intersect1d(best, true)) / DEPTH)
    return float(np.mean(shares))


def measure(passages: Sequence[tuple[str, Spans]], questions: Sequence[str]) -> dict[str, Any]:
    """Encode the runs of clauses and measure how well the neighbours of questions are found."""
    encoder = default_encoder()
    read = encoder.encode_parts([text for text, _ in passages], [spans for _, spans in passages])
    vectors = np.concatenate([each.vectors for each in read])
    del read

    def chunks() -> Iterator[tuple[list[int], Vectors]]:
        for at in range(0, len(vectors), CHUNK):
            part = vectors[at : at + CHUNK]
            yield list(range(at, at + len(part))), part

    started = time.perf_counter()
    built = LanguageIndex.build(len(vectors), vectors.shape[1], chunks)
    building = time.perf_counter() - started
    nearest = Nearest(encoder.encode(questions, "query"), DEPTH)
    for part in chunks():
        nearest.compare(*part)
    started = time.perf_counter()
    found = recall(built, vectors, nearest)
    return {
        "passages": len(passages),
        "vectors": len(vectors),
        "questions": len(questions),
        "clusters": int(built.parts[0].nlist) if built.trained else 0,
        "read": int(built.parts[0].nprobe) if built.trained else 0,
        "build, s": building,
        "search, ms": (time.perf_counter() - started) * 1000 / len(questions),
        f"recall@{DEPTH}": found,
    }


def asked(files: Sequence[Path]) -> list[str]:
    """Return `ASKED` questions of some files, evenly spread."""
    lines = (line for file in files for line in file.read_text("utf-8").split("\n"))
    questions = list(dict.fromkeys(json.loads(line)["question"] for line in lines if line))
    return questions[:: max(1, len(questions) // ASKED)][:ASKED]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--questions", nargs="+", type=Path, default=[QUESTIONS])
    parser.add_argument("--most", type=int, default=1_000_000, help="vectors at most")
    parser.add_argument("--limit", type=int, default=index.vectors.FLAT_LIMIT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    index.vectors.FLAT_LIMIT = options.limit
    told = measure(cut(options.texts, options.most), asked(options.questions))
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    print("| " + " | ".join(told) + " |\n|" + "---|" * len(told))
    print("| " + " | ".join(f"{value:,.4g}" for value in told.values()) + " |")


if __name__ == "__main__":
    main()
