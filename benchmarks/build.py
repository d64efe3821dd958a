"""What building a library costs: `python -m benchmarks.build [--json] [--sizes 2 1000 10000]`.

First the bundled reviews with the bundled encoder: that is what building costs, and what it takes
on disk. Then libraries of ever more synthetic reviews with a stand-in encoder that costs next to
nothing, so that what is left is the library's own work: adding the file that makes it one larger,
bringing the indexes up to date in the same process, and opening it in a new one.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Library, default_encoder, search
from index.encoder import Kind
from index.late import Parts, Tokens

SIZES = (2, 1_000, 10_000)
SENTENCES, TOKENS, DIMENSION = 20, 24, 384
REPEATS = 7
_WORDS = [
    "瘦素",
    "骨折",
    "酒精",
    "肝病",
    "维生素",
    "激素",
    "leptin",
    "bone",
    "liver",
    "RANKL",
    "OPG",
    "fracture",
    "肥胖",
    "患者",
    "风险",
]


class StandIn:
    """Gives vectors of chance, as many and as long as the bundled encoder's."""

    fingerprint, dimension = "stand-in@1", DIMENSION

    def __init__(self) -> None:
        self._chance = np.random.default_rng(0)

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = self._chance.random((len(texts), DIMENSION), np.float32) - 0.3
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        tokens = self.encode([""] * TOKENS, kind)
        weights = np.ones(TOKENS, np.float32)
        return self.encode(texts, kind), [Tokens(tokens, weights) for _ in texts]

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        return [
            Parts(row, self.encode([text] * len(spans), "passage"))
            for row, text, spans in zip(self.encode(texts, "passage"), texts, parts, strict=True)
        ]


def prose(chance: random.Random) -> str:
    return "\n\n".join(
        "".join("".join(chance.choices(_WORDS, k=9)) + f"{chance.random():.4f}。" for _ in range(4))
        for _ in range(SENTENCES // 4)
    )


def write(folder: Path, first: int, last: int) -> None:
    for number in range(first, last):
        (folder / f"{number}.txt").write_text(prose(random.Random(number)), "utf-8")


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def size_of(folder: Path) -> dict[str, int]:
    """Return the bytes of the database, of the vectors and of the words."""
    sizes = {"database": 0, "vectors": 0, "words": 0}
    for file in filter(Path.is_file, folder.rglob("*")):
        part = file.relative_to(folder).parts[1:2] or ("database",)
        sizes[next((name for name in sizes if part[0].startswith(name)), "database")] += (
            file.stat().st_size
        )
    return sizes


def bundled() -> dict[str, Any]:
    """Build the bundled library with the bundled encoder, its model loaded before."""
    default_encoder().load()
    with TemporaryDirectory() as folder:
        library = Library(Path(folder), default_encoder())
        taken = seconds(library.fill) + seconds(library.indexes)
        passages, sentences = (library.store.count_of(kind) for kind in ("passage", "sentence"))
        files = library.store.count()
        library.close()
        sizes = size_of(Path(folder))
    return {
        "files/s": files / taken,
        "passages/s": passages / taken,
        "sentences/s": sentences / taken,
        "bytes/passage": sum(sizes.values()) / passages,
        **{f"bytes/passage, {part}": size / passages for part, size in sizes.items()},
    }


def growing(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Grow one library; at each size add single files and open it again."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "papers").mkdir()
        held, rows = 0, []
        for size in sizes:
            rows.append(grow(Path(folder), held, size))
            held = size + REPEATS
    return rows


def grow(folder: Path, held: int, size: int) -> dict[str, Any]:
    """Bring the library in a folder to a size, then measure one file more, `REPEATS` times."""
    papers, library = folder / "papers", Library(folder / "library", StandIn())
    write(papers, held, size)
    files = [papers / f"{number}.txt" for number in range(held, size)]
    building, deriving = seconds(lambda: library.add(files)), seconds(library.indexes)
    write(papers, size, size + REPEATS)
    more = [papers / f"{number}.txt" for number in range(size, size + REPEATS)]
    steps = [(seconds(partial(library.add, [file])), seconds(library.indexes)) for file in more]
    adding, current = zip(*steps, strict=True)
    skipping = seconds(lambda: library.add([papers]))
    library.close()
    library = Library(folder / "library", StandIn())
    opening = seconds(library.indexes)
    asking = [seconds(lambda: search(library, "瘦素与骨折", 3)) for _ in range(REPEATS)]
    passages, sentences = (library.store.count_of(kind) for kind in ("passage", "sentence"))
    library.close()
    return {
        "reviews": size,
        "sentences": sentences,
        "files/s": len(files) / building,
        "indexes of what was added, s": deriving,
        "add 1, ms": statistics.median(adding) * 1000,
        "indexes current again, ms": statistics.median(current) * 1000,
        "open, ms": opening * 1000,
        "ask, ms": statistics.median(asking) * 1000,
        "skip all unchanged, s": skipping,
        "bytes/passage": sum(size_of(folder / "library").values()) / passages,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    options = parser.parse_args()
    rows, real = growing(options.sizes), bundled()
    first, last = rows[0], rows[-1]
    told = {
        "bundled": real,
        "growing": rows,
        "add 1, largest/smallest": last["add 1, ms"] / first["add 1, ms"],
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    for table in ([real], rows):
        print("| " + " | ".join(table[0]) + " |\n|" + "---|" * len(table[0]))
        for row in table:
            print(
                "| "
                + " | ".join(
                    f"{value:,.4g}" if value < 1000 else f"{value:,.0f}" for value in row.values()
                )
                + " |"
            )
        print()
    print(
        f"Adding one file to the largest / to the smallest: {told['add 1, largest/smallest']:.2f}"
    )


if __name__ == "__main__":
    main()
