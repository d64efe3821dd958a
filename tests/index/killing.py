"""Kill a process that changes a library, again and again, and look at what is left each time.

`python -m tests.index.killing FOLDER KILLS SEED` prints what was found broken, one line each.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import sources.walking
from index import Library
from sources.reading import read_bytes

from ..hashed import Hashed, write

LONGEST = 0.25
"""Seconds after which a process is killed at the latest; a change takes about a twentieth."""


def change(folder: Path, seed: int, told: int) -> None:
    """Add, replace, remove and search without end; tell each change before and after it."""
    chance = random.Random(seed)
    sources.walking.read_bytes = read_bytes  # what is killed is what writes
    library = Library(folder / "library", Hashed())
    while True:
        file, text = folder / "papers" / f"{chance.randrange(6)}.txt", f"骨折{chance.random()}。"
        known = library.store.standing_at(str(file))
        if known and chance.random() < 0.4:
            os.write(told, f"? {file.name} -\n".encode())
            library.remove(str(file))
            os.write(told, f"! {file.name} -\n".encode())
        else:
            os.write(told, f"? {file.name} {text}\n".encode())
            library.add([write(folder / "papers", file.name, text + "瘦素护骨。" * 40)])
            os.write(told, f"! {file.name} {text}\n".encode())
        if chance.random() < 0.5:
            library.indexes()


def broken(folder: Path, before: dict[str, str], lines: list[str]) -> list[str]:
    """Return what is not as it was told; `before` becomes what the library holds now."""
    library = Library(folder / "library", Hashed())
    wrong = [fault.told for fault in library.check() if "yuanwen add" not in fault.told]
    asked = {}
    for line in lines:
        what, name, text = line.split(" ")
        if what == "!":
            before[name] = text
            asked.pop(name, None)
        else:
            asked[name] = text
    for name in before.keys() | asked.keys():
        id = library.store.standing_at(str(folder / "papers" / name))
        now = library.reviews[id].text.split("。")[0] + "。" if id else "-"
        if now not in (before.get(name, "-"), asked.get(name)):
            wrong.append(f"{name}: {now}, told {before.get(name)}, asked {asked.get(name)}")
        before[name] = now
    library.close()
    return wrong


def main(folder: Path, kills: int, seed: int) -> None:
    chance, held, during = random.Random(seed), dict[str, str](), 0
    for number in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            change(folder, seed * 1000 + number, writing)
        os.close(writing)
        time.sleep(chance.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading, encoding="utf-8") as told:
            lines = told.read().splitlines()
        during += bool(lines) and lines[-1].startswith("?")
        for each in broken(folder, held, lines):
            print(f"kill {number}: {each}")
    print(f"{kills} kills, {during} within a change", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
