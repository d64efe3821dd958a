"""This project beside others: `python -m benchmarks.peers [--only NAME…] [--json]`.

Each peer runs in a virtual environment of its own (made with pip under `--environments`, about
1.5 GB each), with the weights that this project bundles, their prompts, its own splitter at about
500 characters with 50 shared, and its own index. One process each, asked in turn over standard
input, so that a busy machine is busy for all alike:

1. build: the two bundled reviews read, cut, encoded and saved, the weights loaded before;
2. cold: from the start of a process to its first answer from a saved index;
3. ask: every question of a set once, warm, beside one encoding by sentence-transformers in fp32;
4. memory: the most that a process and those it started took, building and asking;
5. quality: see `yardstick`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qa.evaluate import Question, read_questions
from sources import bundled_reviews

from .environments import PEERS, Unavailable, interpreter
from .workers import Worker, worker
from .yardstick import DEPTHS, Found, quality, table

OURS, BARE = "yuanwen", "one encoding, fp32"
OWN = {OURS: "ours", BARE: "bare"}
QUESTIONS = Path(__file__).parents[1] / "questions.jsonl"
WARMING = ("What is this about?", "这是关于什么的？", "骨头有多重？")

Rounds = dict[str, list[dict[str, float]]]
"""By name, what each round took."""


class Comparison:
    """The processes to measure, by name, and a folder for what they write."""

    def __init__(self, pythons: Mapping[str, Path], folder: Path) -> None:
        self.pythons, self.folder = pythons, folder
        self.files = [review.place for review in bundled_reviews()]

    def start(self, stack: ExitStack, name: str) -> Worker:
        module = OWN.get(name, name.replace("-", "_"))
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return stack.enter_context(worker(self.pythons[name], module, log))

    @property
    def retrievers(self) -> list[str]:
        return [name for name in self.pythons if name != BARE]

    def index(self, name: str) -> str:
        """Return the folder of the index that all rounds ask: the first that was built."""
        return str(self.folder / f"{name}-0")

    def build(self, rounds: int) -> Rounds:
        """Build `rounds` times after one to warm up, and note the memory at the end."""
        taken: Rounds = {name: [] for name in self.retrievers}
        with ExitStack() as stack:
            running = {name: self.start(stack, name) for name in self.retrievers}
            for at in range(rounds + 1):
                for name, each in running.items():
                    seconds, _ = each.do("build", self.files, str(self.folder / f"{name}-{at}"))
                    if at:
                        taken[name].append({"s": seconds})
            for name, each in running.items():
                taken[name][-1]["memory, MB"] = each.cost()["memory, MB"]
        return taken

    def cold(self, rounds: int, question: str) -> Rounds:
        """Start each after the other, one at a time, up to its answer."""
        taken: Rounds = {name: [] for name in self.retrievers}
        for at in range(rounds + 1):
            for name in self.retrievers:
                with ExitStack() as stack:
                    each = self.start(stack, name)
                    each.do("open", self.index(name))
                    each.do("ask", question, max(DEPTHS))
                    if at:
                        taken[name].append(each.cost())
        return taken

    def ask(self, questions: Sequence[Question]) -> tuple[Rounds, dict[str, list[Found]]]:
        """Ask every question of all in turn; return the seconds and what was found."""
        taken: Rounds = {name: [] for name in self.pythons}
        found: dict[str, list[Found]] = {name: [] for name in self.retrievers}
        with ExitStack() as stack:
            running = {name: self.start(stack, name) for name in self.pythons}
            for name, each in running.items():
                each.do("open", "" if name == BARE else self.index(name))
                for warming in WARMING:
                    each.do("ask", warming, max(DEPTHS))
            known: set[str] = set()
            for question in questions:
                for name, each in running.items():
                    seconds, units = each.do("ask", question.question, max(DEPTHS))
                    if question.question not in known:  # this project keeps what it encoded
                        taken[name].append({"s": seconds})
                    if name in found:
                        found[name].append(Found(question, tuple(map(tuple, units))))
                known.add(question.question)
            for name, each in running.items():
                taken[name][-1]["memory, MB"] = each.cost()["memory, MB"]
        return taken, found


def ratio(rounds: Rounds, name: str, other: str, what: str = "s") -> float:
    """Return the median over the rounds of how many times as much one took as the other."""
    pairs = zip(rounds[name], rounds[other], strict=True)
    return statistics.median(one[what] / another[what] for one, another in pairs)


def middle(rounds: Sequence[Mapping[str, float]], what: str = "s") -> float:
    return statistics.median(each[what] for each in rounds)


def speed(built: Rounds, started: Rounds, asked: Rounds) -> dict[str, dict[str, float]]:
    """Return a row of figures by name; "of ours" is how many times what this project took."""
    rows = {}
    for name in asked:
        times = sorted(each["s"] for each in asked[name])
        row = {}
        if name in built:
            row["build, s"] = middle(built[name])
            row["build, of ours"] = ratio(built, name, OURS)
        row["ask p50, ms"] = 1000 * statistics.median(times)
        row["ask p95, ms"] = 1000 * times[int(0.95 * len(times))]
        row["ask, of ours"] = ratio(asked, name, OURS)
        row["ask, of fp32"] = ratio(asked, name, BARE)
        if name in started:
            row["cold, s"] = middle(started[name])
            row["cold, of ours"] = ratio(started, name, OURS)
            row["cold, processor s"] = middle(started[name], "processor, s")
            row["cold, processor, of ours"] = ratio(started, name, OURS, "processor, s")
            row["building, MB"] = built[name][-1]["memory, MB"]
        row["asking, MB"] = asked[name][-1]["memory, MB"]
        rows[name] = row
    return rows


def standing(**measured: Rounds) -> dict[str, str]:
    """Say of each of several measures how this project stands to the best peer in it."""
    told = {}
    for what, rounds in measured.items():
        peers = [name for name in rounds if name not in OWN]
        if peers:
            best = min(peers, key=lambda name: middle(rounds[name]))
            told[what] = f"{ratio(rounds, OURS, best):.3g} of {best}, the best peer"
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", type=Path, default=[QUESTIONS])
    parser.add_argument("--only", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--environments", type=Path, default=Path(".peers"))
    parser.add_argument("--torch-index", help="where pip finds PyTorch for the processor alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pythons, left_out = {OURS: Path(sys.executable), BARE: Path(sys.executable)}, {}
    for name in options.only:
        try:
            folder = options.environments.resolve()
            pythons[name] = interpreter(name, folder, options.torch_index)
        except Unavailable as error:
            left_out[name] = str(error)
    sets = {
        str(file): [each for each in read_questions(file) if not each.history]
        for file in options.questions
    }
    questions = [each for asked in sets.values() for each in asked]
    load = os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        comparison = Comparison(pythons, Path(folder))
        built = comparison.build(options.rounds)
        started = comparison.cold(options.rounds, questions[0].question)
        asked, found = comparison.ask(questions)
    sources = [review.raw for review in bundled_reviews()]
    told: dict[str, Any] = {
        "speed": speed(built, started, asked),
        "quality": {
            file: {
                name: quality((each for each in told if each.question in asked_of), sources)
                for name, told in found.items()
            }
            for file, asked_of in sets.items()
        },
        "standing": standing(build=built, cold=started, ask=asked),
        "versions": {name: " ".join(PEERS[name].versions) for name in pythons if name in PEERS},
        "relaxed": {name: PEERS[name].relaxed for name in pythons if name in PEERS},
        "left out": left_out,
        "load": {"before": load, "after": os.getloadavg()[0]},
        "questions": {file: len(asked_of) for file, asked_of in sets.items()},
    }
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    print(table(told["speed"]))
    for file, rows in told["quality"].items():
        print(f"\n{file}, {len(sets[file])} questions:\n\n{table(rows)}")
    print()
    for what in ("standing", "versions", "relaxed", "left out", "load"):
        for name, value in told[what].items():
            print(f"- {what}, {name}: {value}")


if __name__ == "__main__":
    main()
