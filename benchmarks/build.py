"""What building a library costs: `python -m benchmarks.build [FOLDER] [--json] [--sizes 0 10000]`.

First the bundled reviews with the bundled encoder: that is what building costs, and what it takes
on disk. Then synthetic libraries of ever more passages (`benchmarks/synthetic.py`; kept in the
folder) with a stand-in encoder that costs next to nothing, so that what is left is the library's
own work: adding one file, bringing the indexes up to date, and opening it again. The libraries
take turns, so that a busy machine is busy for all of them alike; 0 is a new library each time.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index import Library, default_encoder

from .ask import table
from .synthetic import StandIn, grow, write

SIZES = (0, 10_000, 100_000)
REPEATS = 9
ADDED = 5
"""Passages of the file that is added."""
SEEDS = 1_000_000


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


def growing(folder: Path, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Add single files to libraries of some numbers of passages in turn, then open each again."""
    rows: dict[int, dict[str, Any]] = {}
    libraries = {}
    for size in sizes:
        libraries[size] = library = Library(folder / str(size), StandIn())
        grow(library, size, folder / f"{size}-papers")
        rows[size] = {"passages": size, "derive, s": seconds(library.indexes)}
    steps: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    for repeat in range(REPEATS + 1):
        for size, library in libraries.items():
            library = library if size else Library(folder / f"empty-{repeat}", StandIn())
            library.indexes()
            papers = folder / f"more-{uuid.uuid4().hex}"
            file = write(papers, range(SEEDS + repeat, SEEDS + repeat + 1), ADDED)
            file[0].write_text(file[0].read_text("utf-8") + f"\n\n{papers.name}。", "utf-8")
            step = seconds(partial(library.add, file)), seconds(library.indexes)
            if repeat:  # the first is to warm up
                steps[size].append(step)
            shutil.rmtree(papers)
            if not size:
                library.close()
                shutil.rmtree(library.folder)
    for size, library in libraries.items():
        adding, current = zip(*steps[size], strict=True)
        whole = [sum(step) for step in steps[size]]
        rows[size] |= {
            "add 1, ms": statistics.median(adding) * 1000,
            "indexes current, ms": statistics.median(current) * 1000,
            "both, ms": statistics.median(whole) * 1000,
        }
        passages = library.store.count_of("passage")
        library.close()
        if size:
            opened = Library(folder / str(size), StandIn())
            rows[size]["open, ms"] = seconds(opened.indexes) * 1000
            opened.close()
            for part, found in size_of(library.folder).items():
                rows[size][f"bytes/passage, {part}"] = found / passages
    return list(rows.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("scale"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    options = parser.parse_args()
    rows, real = growing(options.folder, options.sizes), bundled()
    told = {
        "bundled": real,
        "growing": rows,
        "add 1, largest/smallest": rows[-1]["both, ms"] / rows[0]["both, ms"],
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    print(table([real]), table(rows), sep="\n\n")
    ratio = told["add 1, largest/smallest"]
    print(f"\nAdding one file to the largest / to the smallest library: {ratio:.2f}")


if __name__ == "__main__":
    main()
