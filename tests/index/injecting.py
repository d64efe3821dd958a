"""Make each system call by which a change reaches the disk fail, one at a time.

`python -m tests.index.injecting FOLDER` does it for all of them and prints what was found broken,
one line each; the counts go to the error stream.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from .changing import CHANGES, copied, prepare, wrong
from .traced import Ran, run

CALLS = (
    *("openat", "close", "write", "pwrite64", "ftruncate", "fallocate"),
    *("fsync", "fdatasync", "rename,renameat,renameat2", "unlink,unlinkat", "mkdir,mkdirat"),
)
STEP, MOST = 1777, 200_000
"""Bytes between the sizes at which a file may grow no more, and the largest of them."""
_OUTPUT = re.compile(r"write\([12], .*INJECTED")


def ways() -> Iterator[tuple[str, str]]:
    """Yield every call with every way in which it can fail."""
    for call in CALLS:
        yield call, "error=EIO"
        yield call, "error=ENOSPC"


def broken(folder: Path, name: str, call: str, how: str, number: int) -> list[str] | None:
    """Return what is wrong after a call failed the n-th time it was made by a thread.

    None if no thread made it so often.
    """
    here = copied(folder / name, folder / "now")
    with chdir(here):
        arguments = [*CHANGES[name].arguments, "--library", "library"]
        watch = ["-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}"]
        ran = run(here, arguments, watch)
    if "INJECTED" not in ran.calls:
        return None
    return wrong(here, here / "library", name, ran.code == 0) + _told(ran, call)


def broken_at(folder: Path, name: str, largest: int) -> list[str]:
    """Return what is wrong after no file could grow beyond a size: its last write was short."""
    here = copied(folder / name, folder / "now")
    with chdir(here):
        arguments = [*CHANGES[name].arguments, "--library", "library"]
        ran = run(here, arguments, ["-e", "trace=none"], largest)
    return wrong(here, here / "library", name, ran.code == 0) + _told(ran, "write")


def _told(ran: Ran, call: str) -> list[str]:
    """Return what people should not have seen."""
    if call == "close" and ran.code == -9:
        return []  # Linux closes a file whatever it says; here a lock stays held for ever
    if ran.code not in (0, 1, 2) or "Traceback" in ran.told:
        return [f"exit {ran.code}: {ran.told.strip()[-300:]}"]
    lines = len(ran.told.strip().split("\n"))
    if ran.code and lines != 1 and not _OUTPUT.search(ran.calls):
        return [f"{lines} lines: {ran.told}"]
    return []


def main(folder: Path) -> None:
    for name in CHANGES:  # all of them first: what is imported late is imported now
        prepare(folder / name, name)
    for name in CHANGES:
        count = 0
        for call, how in ways():
            number = 1
            while (found := broken(folder, name, call, how, number)) is not None:
                count, number = count + 1, number + 1
                for each in found:
                    print(f"{name}: {call} {how} {number - 1}: {each}", flush=True)
        for largest in range(0, MOST, STEP):
            count += 1
            for each in broken_at(folder, name, largest):
                print(f"{name}: at {largest} bytes: {each}", flush=True)
        print(f"{name}: {count} failures", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
