"""What a question costs, by stage, as the library grows: `python -m benchmarks.ask [--json]`.

Each question is encoded by the bundled encoder. The first library is the bundled one; the others
are synthetic (`benchmarks/synthetic.py`), whose vectors are as many and as long as real ones. The
questions go to all libraries in turn, each to another one first, so that a busy machine is busy
for all of them alike; once before it counts, so that the system's cache holds what it can. What
a library takes in memory is measured in a process of its own, beyond the model.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch

import qa.assistant
from index import Library, default_encoder
from index.indexes import EmbeddedIndexes
from index.store import Store
from qa import Assistant
from qa.evaluate import read_questions

from .synthetic import StandIn, grow

SIZES = (10_000, 100_000, 1_000_000)
QUESTIONS = Path(__file__).parent / "questions.jsonl"
ASKED = 160
"""Questions: more than an encoder keeps, so that each is encoded whenever it is asked."""
_SEARCH = import_module("index.search")  # the package gives the function of that name
STAGES = {
    "encode": (qa.assistant, "read_question"),
    "vectors": (EmbeddedIndexes, "nearest"),
    "words": (EmbeddedIndexes, "sharing"),
    "spans": (EmbeddedIndexes, "units"),
    "closely read": (Store, "tokens"),
    "likeness": (_SEARCH, "likeness"),
    "select": (qa.assistant, "select"),
    "verify": (Library, "demand_unchanged"),
}
"""What is timed: the functions of search and answer that do each part."""

Times = dict[str, list[float]]


@contextmanager
def timed(times: Times) -> Iterator[None]:
    """Note how long each stage takes, in milliseconds, summed over its calls in one question."""
    patches = []
    for stage, (owner, name) in STAGES.items():
        own = getattr(owner, name)

        def work(*given: Any, own: Any = own, stage: str = stage, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return own(*given, **named)
            finally:
                times[stage][-1] += (time.perf_counter() - started) * 1000

        patches.append(patch.object(owner, name, work))
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def ask(assistant: Assistant, question: str, times: Times) -> None:
    for stage in STAGES:
        times[stage].append(0.0)
    started = time.perf_counter()
    with timed(times):
        assistant.ask(question)
    times["ask"].append((time.perf_counter() - started) * 1000)


def questions() -> list[str]:
    asked = [each.question for each in read_questions(QUESTIONS) if not each.history]
    return asked[:: max(1, len(asked) // ASKED)][:ASKED]


def figures(times: Times) -> dict[str, float]:
    cuts = quantiles(times["ask"], n=100, method="inclusive")
    whole = {f"p{at}, ms": cuts[at - 1] for at in (50, 95, 99)}
    return whole | {f"{stage}, ms": median(times[stage]) for stage in STAGES}


def memory() -> dict[str, int]:
    """Return the megabytes of this process: its own, and of files mapped into it."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {name: int(told[name].split()[0]) // 1024 for name in ("RssAnon", "RssFile")}


def beyond_the_model(folder: Path) -> dict[str, int]:
    """Return the megabytes that a library takes after all questions, model and words aside.

    A first small question to another library loads what any library needs.
    """
    default_encoder().load()
    asked = questions()
    library = Library(folder, StandIn(real=True))
    library.encoder.encode_tokens(asked[:3], "query")
    before = memory()
    assistant = Assistant(library)
    for question in asked:
        assistant.ask(question)
    after = memory()
    return {
        "own memory, MB": after["RssAnon"] - before["RssAnon"],
        "mapped files, MB": after["RssFile"] - before["RssFile"],
    }


def measure(folder: Path, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Make the libraries that are not there yet, ask them all in turn, and return a row of each."""
    libraries = {"2 reviews": Assistant.open(folder / "bundled", default_encoder())}
    libraries["2 reviews"].library.fill()
    for size in sizes:
        library = Library(folder / str(size), StandIn(real=True))
        grow(library, size, folder / f"{size}-papers")
        library.indexes()
        libraries[f"{size:,}"] = Assistant(library)
    times: dict[str, Times] = {name: defaultdict(list) for name in libraries}
    asked = questions()
    apart = len(asked) // len(libraries)
    for timed_now in (False, True):  # the first time round brings what is read into memory
        for at in range(len(asked)):
            for step, (name, assistant) in enumerate(libraries.items()):
                question = asked[(at + step * apart) % len(asked)]
                if timed_now:
                    ask(assistant, question, times[name])
                else:
                    assistant.ask(question)
    rows = []
    for name, assistant in libraries.items():
        store = assistant.library.store
        row = {"passages": name, "sentences": store.count_of("sentence")}
        rows.append(row | figures(times[name]) | _memory_of(assistant.library.folder))
    return rows


def _memory_of(folder: Path) -> dict[str, int]:
    if folder.name == "bundled":
        return {}
    command = [sys.executable, "-m", "benchmarks.ask", "--memory", str(folder)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, int] = json.loads(found.stdout)
    return told


def table(rows: Sequence[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += [
        "| " + " | ".join(_shown(row.get(name, "–")) for name in names) + " |" for row in rows
    ]
    return "\n".join(lines)


def _shown(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("scale"))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        json.dump(beyond_the_model(options.memory), sys.stdout)
        return
    rows = measure(options.folder, options.sizes)
    ratio = rows[-1]["p50, ms"] / rows[1]["p50, ms"]
    if options.json:
        told = {"rows": rows, "p50, largest/smallest synthetic": ratio}
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
    else:
        print(table(rows))
        print(f"\nMedian, largest / smallest synthetic library: {ratio:.2f}")


if __name__ == "__main__":
    main()
