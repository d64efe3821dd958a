"""How many of the ten nearest are found: `python -m benchmarks.recall TEXT.txt ... [--json]`.

Every sentence of the texts is encoded as the library encodes questions' like (the bundled encoder,
no context) and indexed as a library of that many vectors is; one in `HELD_OUT` sentences is left
out and asked for its neighbours, and so is each question of `benchmarks/questions.jsonl`. The true
neighbours are had by comparing all. `--limit` sets from how many vectors on they are clustered, so
that clusters can be measured on fewer vectors than they are used for.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import index.vectors
from index import default_encoder
from index.ivf import EXACT, Nearest
from index.rows import Vectors
from index.vectors import LanguageIndex
from qa.evaluate import read_questions
from sources import language
from sources.sentences import sentences

DEPTH, HELD_OUT, ASKED = 10, 50, 500
QUESTIONS = Path(__file__).parent / "questions.jsonl"
CHUNK = 10_000


def cut(files: Sequence[Path], most: int) -> list[str]:
    """Return the sentences of some texts, each once."""
    found: dict[str, None] = {}
    for file in files:
        for line in file.read_text("utf-8", "replace").splitlines():
            for start, end in sentences(line, 0, len(line), {}):
                if end - start > 12:
                    found[line[start:end]] = None
    texts = list(found)
    return texts[:: max(1, len(texts) // most)][:most]


def recall(index: LanguageIndex, vectors: Vectors, nearest: Nearest) -> float:
    """Return the share of the `DEPTH` nearest that come first when the best found are compared."""
    shares = []
    for query, true in zip(nearest.asked, nearest.ids, strict=True):
        found = sorted(index.search(query, EXACT), key=lambda each: -each[1])[:EXACT]
        ids = np.array([id for id, _ in found])
        best = ids[np.argsort(-(vectors[ids] @ query))[:DEPTH]]
        shares.append(len(np.intersect1d(best, true)) / DEPTH)
    return float(np.mean(shares))


def measure(texts: Sequence[str]) -> dict[str, Any]:
    """Encode the texts and measure how well their neighbours are found."""
    encoder = default_encoder()
    rows = encoder.encode(texts, "passage")
    out = np.arange(len(rows)) % HELD_OUT == 0
    vectors = rows[~out]

    def chunks() -> Iterator[tuple[list[int], Vectors]]:
        for at in range(0, len(vectors), CHUNK):
            part = vectors[at : at + CHUNK]
            yield list(range(at, at + len(part))), part

    started = time.perf_counter()
    built = LanguageIndex.build(len(vectors), vectors.shape[1], chunks)
    told: dict[str, Any] = {
        "sentences": len(vectors),
        "Chinese": sum(language(text) == "zh" for text in texts) / len(texts),
        "build, s": time.perf_counter() - started,
        "clusters": int(built.parts[0].nlist) if built.trained else 0,
        "read": int(built.parts[0].nprobe) if built.trained else 0,
    }
    questions = [each.question for each in read_questions(QUESTIONS) if not each.history]
    for name, asked in {
        "of sentences left out": rows[out][:ASKED],
        "of questions": encoder.encode(questions, "query"),
    }.items():
        nearest = Nearest(asked, DEPTH)
        for part in chunks():
            nearest.compare(*part)
        told[f"recall@{DEPTH} {name}"] = recall(built, vectors, nearest)
        started = time.perf_counter()
        for query in asked:
            list(built.search(query, EXACT))
        told[f"ms a search {name}"] = (time.perf_counter() - started) * 1000 / len(asked)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=1_000_000, help="sentences at most")
    parser.add_argument("--limit", type=int, default=index.vectors.FLAT_LIMIT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    index.vectors.FLAT_LIMIT = options.limit
    told = measure(cut(options.texts, options.most))
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    print("| " + " | ".join(told) + " |\n|" + "---|" * len(told))
    print("| " + " | ".join(f"{value:,.4g}" for value in told.values()) + " |")


if __name__ == "__main__":
    main()
