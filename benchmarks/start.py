"""What a new process costs: `python -m benchmarks.start [--json] [--rounds 5]`.

Each command in a process of its own, one after the other in every round, beside the least that a
program built on sentence-transformers has to do first: import it, and load the same weights.
Medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import Any

from index.weights import bundled_model

LOADING = (
    "import sys; from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer(sys.argv[1], local_files_only=True)"
)
FILLING = (
    "import sys; from pathlib import Path; from index import Library, default_encoder; "
    "library = Library(Path(sys.argv[1]), default_encoder()); library.fill(); library.indexes()"
)
BARE, ASK = "sentence-transformers, loaded", "yuanwen ask"


def spent(command: list[str]) -> dict[str, float]:
    """Run a command; return its seconds, those of the processor, and the most memory it took."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: exit code {process.returncode}")
    return {
        "s": time.perf_counter() - started,
        "processor, s": used.ru_utime + used.ru_stime,
        "memory, MB": used.ru_maxrss / 1024,
    }


def measure(rounds: int) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        # In a process of its own: one is counted the memory of the process that starts it.
        subprocess.run([sys.executable, "-c", FILLING, folder], check=True)
        yuanwen, held = [sys.executable, "-m", "qa"], ["--library", folder]
        commands = {
            BARE: [sys.executable, "-c", LOADING, str(bundled_model())],
            ASK: [*yuanwen, "ask", "维生素K缺乏为什么会导致骨丢失？", *held],
            "yuanwen sources": [*yuanwen, "sources", *held],
            "yuanwen --help": [*yuanwen, "--help"],
        }
        runs = [{name: spent(command) for name, command in commands.items()} for _ in range(rounds)]
    return [
        {
            "": name,
            **{what: statistics.median(run[name][what] for run in runs) for what in runs[0][name]},
            **{
                f"{what} of loading alone": statistics.median(
                    run[name][what] / run[BARE][what] for run in runs
                )
                for what in ("s", "processor, s")
            },
        }
        for name in commands
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = measure(options.rounds)
    if options.json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=2)
        return
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for name, *values in (row.values() for row in rows):
        print(f"| {name} | " + " | ".join(f"{value:.3g}" for value in values) + " |")


if __name__ == "__main__":
    main()
