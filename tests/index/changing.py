"""The changes that are broken off in the tests, and what a library must be after each."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from index import Library

from ..hashed import Hashed, write

TEXTS = {
    "a.txt": "瘦素保护骨量。Wine harms bone.",
    "b.txt": "酒精伤骨。\n\n骨折多发。",
}


@dataclass(frozen=True)
class Change:
    """A command, by the library it begins with; `done` are the texts that it leaves."""

    arguments: tuple[str, ...]
    done: dict[str, str]
    begins: str = "held"


NEW = "茶多酚抑制破骨细胞。Tea helps bone."
OTHER = "激素保护骨量。Wine heals bone."
CHANGES = {
    "first": Change(("add", "papers/a.txt"), {"a.txt": TEXTS["a.txt"]}, "none"),
    "add": Change(("add", "papers/c.txt"), TEXTS | {"c.txt": NEW}),
    "replace": Change(("add", "papers/a.txt"), TEXTS | {"a.txt": OTHER}),
    "remove": Change(("remove", "b"), {"a.txt": TEXTS["a.txt"]}),
    "rebuild": Change(("rebuild",), TEXTS, "old"),
}


def prepare(folder: Path, name: str) -> Path:
    """Put the library that a change begins with, and the files, into a folder; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    change, library = CHANGES[name], folder / "library"
    papers = folder / "papers"
    for file, text in TEXTS.items():
        write(papers, file, text)
    if change.begins != "none":
        old = Library(library, Hashed("hashed@0" if change.begins == "old" else "hashed@1"))
        old.add([papers])
        if change.begins == "held":
            old.indexes()
        old.close()
    if name == "replace":
        write(papers, "a.txt", OTHER)
    write(papers, "c.txt", NEW)
    return library


def wrong(folder: Path, library: Path, name: str, acknowledged: bool) -> list[str]:
    """Open a library after its change was broken off and return what is not as it should be."""
    change = CHANGES[name]
    before = {} if change.begins == "none" else dict(TEXTS)
    opened = Library(library, Hashed())
    try:
        if name == "rebuild":
            opened.rebuild()  # what was not done is done now
        faults = [each.told for each in opened.check() if "yuanwen add" not in each.told]
        if faults:
            faults = [each.told for each in opened.repair() if "yuanwen add" not in each.told]
        held = {
            Path(place).name: opened.reviews[id].raw
            for id in opened.reviews
            for place in opened.places(id)
        }
    finally:
        opened.close()
    allowed = [change.done] if acknowledged else [before, change.done]
    if held not in allowed:
        faults.append(f"holds {held}")
    return faults


def copied(source: Path, to: Path) -> Path:
    """Return a fresh copy of a prepared folder."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(source, to, symlinks=True))
