"""Lose power at each step of a change: replay what reached the disk, and what may not have.

A real change is recorded by `strace`. Cut off after a number of its calls, a file holds what was
synced; each write since may be there, not be there, or end at a sector. Names (made, renamed,
removed) outlast it in the order they were given, as file systems with a journal have it, at least
up to the last that a sync of its folder followed.

`python -m tests.index.powerless FOLDER COUNT SEED` does it at so many calls of five changes and
prints what was found broken, one line each.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

from .changing import CHANGES, copied, prepare, wrong
from .traced import run

CALLS = (
    "openat,close,lseek,write,writev,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat"
)
SECTORS = (512, 4096)
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_UNFINISHED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")


@dataclass
class Content:
    """What a file holds: bytes that were there before, and what was done to them, by step."""

    whole: bytes = b""
    done: list[tuple[int, int, bytes | None]] = field(default_factory=list)
    """`(step, offset, bytes)`; without bytes it is cut at the offset."""
    synced: list[int] = field(default_factory=list)

    def after(self, step: int, chance: random.Random) -> bytes:
        sure = max((each for each in self.synced if each < step), default=-1)
        data = bytearray(self.whole)
        for at, offset, written in self.done:
            if at >= step:
                break
            kept = None if written is None else len(written)
            if at > sure and (luck := chance.random()) < 0.67:
                if luck < 0.33 or kept is None:
                    continue
                sector = chance.choice(SECTORS)
                ends = range(-offset % sector, kept, sector)
                kept = chance.choice(ends) if ends else 0
            if written is None:
                del data[offset:]
                continue
            if len(data) < offset:
                data.extend(bytes(offset - len(data)))
            data[offset : offset + (kept or 0)] = written[: kept or 0]
        return bytes(data)


class Record:
    """What a change did, step by step, in the folder it was done in."""

    def __init__(self, folder: Path, before: Path, calls: str) -> None:
        self.folder, self.steps = folder, 0
        self.files = {
            file.relative_to(before).as_posix(): Content(file.read_bytes())
            for file in before.rglob("*")
            if file.is_file()
        }
        self.folders = {
            each.relative_to(before).as_posix() for each in before.rglob("*") if each.is_dir()
        }
        self.before = frozenset(self.folders)
        self.named: list[tuple[int, str, str, Content | str | None]] = []
        """`(step, what, name, content or other name)`."""
        self.kept: list[tuple[int, str]] = []
        """`(step, folder)` of each sync of a folder."""
        self._now, printed = dict(self.files), Content()
        self._open: dict[int, list[object]] = {1: [printed, 0]}
        for name, arguments, result in _calls(calls):
            if result >= 0:
                self._take(name, arguments, result)
                self.steps += 1
        self.told = min((step for step, *_ in printed.done), default=None)
        """The step at which the change was acknowledged."""

    def _take(self, call: str, arguments: str, result: int) -> None:
        texts = [bytes.fromhex(each.replace("\\x", "")) for each in _TEXT.findall(arguments)]
        numbers = arguments.split(", ")
        if call == "openat":
            self._opened(self._path(numbers[0], texts[0]), numbers[2], result)
        elif call.startswith(("rename", "link")):
            first, last = self._path(numbers[0], texts[0]), self._path(numbers[-1], texts[1])
            if call in ("renameat", "renameat2", "linkat"):
                last = self._path(numbers[2], texts[1])
            self._name("rename" if call.startswith("rename") else "link", last, first)
        elif call.startswith(("unlink", "rmdir")):
            self._name("remove", self._path(numbers[0], texts[0]), None)
        elif call.startswith("mkdir"):
            self._name("mkdir", self._path(numbers[0], texts[0]), None)
        elif (opened := self._open.get(int(numbers[0]))) is not None:
            self._done(call, opened, numbers, b"".join(texts)[:result], result)

    def _done(
        self, call: str, opened: list[object], numbers: list[str], data: bytes, result: int
    ) -> None:
        content, at = opened
        if call == "close":
            del self._open[int(numbers[0])]
        elif isinstance(content, str):
            if call in ("fsync", "fdatasync"):
                self.kept.append((self.steps, content))
        elif isinstance(content, Content) and isinstance(at, int):
            if call == "lseek":
                opened[1] = result
            elif call in ("write", "writev"):
                content.done.append((self.steps, at, data))
                opened[1] = at + len(data)
            elif call == "pwrite64":
                content.done.append((self.steps, int(numbers[-1]), data))
            elif call == "ftruncate":
                content.done.append((self.steps, int(numbers[1]), None))
            else:
                content.synced.append(self.steps)

    def _opened(self, path: str | None, flags: str, number: int) -> None:
        self._open.pop(number, None)
        if path is None:
            return
        if path in self.folders or path == ".":
            self._open[number] = [path, 0]
            return
        if path not in self._now:
            self._name("create", path, Content())
        if "O_TRUNC" in flags:
            self._now[path].done.append((self.steps, 0, None))
        self._open[number] = [self._now[path], 0]

    def _name(self, what: str, name: str | None, other: Content | str | None) -> None:
        if name is None:
            return
        self.named.append((self.steps, what, name, other))
        _rename(self._now, self.folders, what, name, other)

    def _path(self, base: str, text: bytes) -> str | None:
        """Return where a path leads within the folder, or None if it leads out of it."""
        within = self._open.get(int(base)) if base.lstrip("-").isdigit() else None
        start = self.folder / str(within[0]) if within else self.folder
        path = os.path.normpath(start / os.fsdecode(text))
        inside = os.path.relpath(path, self.folder)
        return None if inside.startswith("..") else inside

    def restore(self, folder: Path, step: int, chance: random.Random) -> None:
        """Put into a folder what a disk may hold if power was lost before a step."""
        done = [each for each in self.named if each[0] < step]
        sure = 0
        for number, (at, _, name, _) in enumerate(done, 1):
            above = os.path.dirname(name) or "."
            if any(at < synced < step and kept == above for synced, kept in self.kept):
                sure = number
        survived = chance.randint(sure, len(done))
        names, folders = dict(self.files), set(self.before)
        for _, what, name, other in done[:survived]:
            _rename(names, folders, what, name, other)
        shutil.rmtree(folder, ignore_errors=True)
        for each in sorted(folders):
            (folder / each).mkdir(parents=True, exist_ok=True)
        for name, content in names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content.after(step, chance))


def _rename(
    names: dict[str, Content],
    folders: set[str],
    what: str,
    name: str,
    other: Content | str | None,
) -> None:
    """Do to the names what a call did."""
    if what == "mkdir":
        folders.add(name)
    elif what == "remove":
        names.pop(name, None)
        folders.discard(name)
    elif isinstance(other, Content):
        names[name] = other
    elif what == "link" and other in names:
        names[name] = names[other]
    elif other is not None:
        for held in [each for each in names if each == other or each.startswith(f"{other}/")]:
            names[name + held[len(other) :]] = names.pop(held)
        for held in [each for each in folders if each == other or each.startswith(f"{other}/")]:
            folders.remove(held)
            folders.add(name + held[len(other) :])


def _calls(text: str) -> list[tuple[str, str, int]]:
    """Return the name, arguments and result of each call, in the order they ended."""
    begun, found = dict[str, str](), []
    for line in text.splitlines():
        if unfinished := _UNFINISHED.fullmatch(line):
            begun[unfinished[1]] = unfinished[2]
            continue
        if resumed := _RESUMED.fullmatch(line):
            line = f"{resumed[1]} {begun.pop(resumed[1])}{resumed[2]}"
        if call := _CALL.match(line):
            found.append((call[2], call[3], int(call[4])))
    return found


def recorded(folder: Path, name: str) -> Record:
    """Prepare a change, do it, and return what it did."""
    prepare(folder / name, name)
    here = copied(folder / name, folder / "now")
    with chdir(here):
        arguments = [*CHANGES[name].arguments, "--library", "library"]
        ran = run(here, arguments, ["-xx", "-s", "10000000", "-e", f"trace={CALLS}"])
    assert ran.code == 0, ran.told
    return Record(here, folder / name, ran.calls)


def broken(record: Record, folder: Path, name: str, step: int, seed: str) -> list[str]:
    """Return what is wrong with a library after power was lost before a step."""
    record.restore(folder, step, random.Random(seed))
    acknowledged = record.told is not None and record.told < step
    return wrong(folder, folder / "library", name, acknowledged)


def main(folder: Path, count: int, seed: int) -> None:
    found = 0
    for name in CHANGES:
        record = recorded(folder, name)
        for number in range(count // len(CHANGES)):
            step = random.Random(f"{seed} {number}").randint(0, record.steps)
            for each in broken(record, folder / "left", name, step, f"{seed} {number}"):
                found += 1
                print(f"{name}: number {number}, before {step} of {record.steps}: {each}")
    print(f"{count} losses of power, {found} wrong", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
