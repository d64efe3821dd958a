"""Many processes ask while one changes the library; every answer is compared with a reference.

The reference is a library of the same files, made afresh by one process. `python -m
tests.index.crowding FOLDER SECONDS READERS` prints what was found wrong, one line each.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import sources.walking
from index import Library, search
from sources.reading import read_bytes

from ..hashed import Hashed, write

ROOT = Path(__file__).parents[2]
QUESTIONS = ("瘦素保护骨量。", "骨折", "Wine harms bone.", "甲状旁腺激素与骨", "bone", "酒精")
VERSIONS = {
    "a.txt": ("瘦素保护骨量。Wine harms bone.", "瘦素损害骨量。Wine heals bone.\n\n骨折罕见。"),
    "b.txt": ("", "酒精伤骨。\n\n骨折多发。", "酒精护骨。Alcohol and bone."),
    "c.txt": ("", "甲状旁腺激素升高骨量。" * 3, "甲状旁腺激素降低骨量。\n\nBone is lost."),
    "d.txt": ("", "茶多酚抑制破骨细胞。Tea helps bone.", "咖啡增加骨折。Coffee and bone."),
}
Found = list[tuple[str, float]]


def ask(library: Library, question: str) -> tuple[str, Found]:
    """Return the generation of what was asked, and the words and scores that were found."""
    with library.searching() as indexes:
        hits = search(library, question, 6)
        return indexes.generation, sorted((hit.span.text, round(hit.score, 4)) for hit in hits)


def read(folder: Path, seconds: float, seed: int) -> None:
    """Ask again and again until the time is up; print each answer."""
    chance, library = random.Random(seed), Library(folder / "library", Hashed())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        question = chance.choice(QUESTIONS)
        print(json.dumps([question, *ask(library, question)]))
        time.sleep(0.01)


def write_changes(folder: Path, seconds: float) -> None:
    """Put files in, replace and remove them until the time is up; print what each change left."""
    sources.walking.read_bytes = read_bytes
    chance, library = random.Random(0), Library(folder / "library", Hashed())
    held = dict.fromkeys(VERSIONS, 0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        name = chance.choice(list(VERSIONS))
        held[name] = (held[name] + chance.randrange(1, len(VERSIONS[name]))) % len(VERSIONS[name])
        change(library, folder, name, held[name])
        print(json.dumps([library.versions.generation, list(held.values())]), flush=True)
        time.sleep(chance.uniform(0, 0.4))


def change(library: Library, folder: Path, name: str, version: int) -> None:
    text = VERSIONS[name][version]
    if text:
        library.add([write(folder / "papers", name, text)])
    else:
        library.remove(str(folder / "papers" / name))


def reference(folder: Path, state: tuple[int, ...]) -> dict[str, Found]:
    """Return what one process finds in a library that never held anything else."""
    library = Library(folder / "reference" / "-".join(map(str, state)), Hashed())
    for name, version in zip(VERSIONS, state, strict=True):
        if VERSIONS[name][version]:
            library.add([write(folder / "reference" / "papers", name, VERSIONS[name][version])])
    found = {question: ask(library, question)[1] for question in QUESTIONS}
    library.close()
    return found


def crowd(folder: Path, seconds: float, readers: int) -> Iterator[str]:
    """Yield what was found wrong, and last how much was looked at."""
    library = Library(folder / "library", Hashed())
    change(library, folder, "a.txt", 0)
    states = {library.versions.generation: (0,) * len(VERSIONS)}
    library.close()
    roles = [("write", "0"), *(("read", str(seed)) for seed in range(readers))]
    logs = [folder / f"{role}-{seed}" for role, seed in roles]
    running = []
    for (role, seed), log in zip(roles, logs, strict=True):
        command = [sys.executable, "-m", "tests.index.crowding", folder, str(seconds), role, seed]
        with log.open("wb") as out:
            running.append(
                subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True)
            )
    for each in running:
        _, told = each.communicate(timeout=seconds + 120)
        wrong = [line for line in told.splitlines() if "waiting for it" not in line]
        if wrong or each.returncode:
            yield f"exit {each.returncode}: {wrong[-1:]}"
    for line in logs[0].read_text("utf-8").splitlines():
        generation, state = json.loads(line)
        states[generation] = tuple(state)
    known: dict[tuple[int, ...], dict[str, Found]] = {}
    answers, seen = 0, set()
    for log in logs[1:]:
        for line in log.read_text("utf-8").splitlines():
            question, generation, told = json.loads(line)
            answers, state = answers + 1, states[generation]
            seen.add(generation)
            if state not in known:
                known[state] = reference(folder, state)
            if list(map(tuple, told)) != known[state][question]:
                yield f"{log.name}: {question} at {state}: {told}, not {known[state][question]}"
    library = Library(folder / "library", Hashed())
    yield from (fault.told for fault in library.check())
    yield f"{answers} answers of {len(seen)} of {len(states)} states"


def main(folder: Path, seconds: float, *more: str) -> None:
    if more[0] == "write":
        write_changes(folder, seconds)
    elif more[0] == "read":
        read(folder, seconds, int(more[1]))
    else:
        *wrong, looked = crowd(folder, seconds, int(more[0]))
        print(*(f"{each}\n" for each in wrong), sep="", end="")
        print(looked, file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
