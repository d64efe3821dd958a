"""Make each system call by which a change reaches the disk fail, one at a time.

`python -m tests.index.injecting FOLDER` does it for all of them and prints what was found broken,
one line each; the counts go to the error stream.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from .changing import CHANGES, copied, prepare, wrong
from .traced import run

CALLS = (
    *("openat", "close", "write", "pwrite64", "ftruncate", "fallocate"),
    *("fsync", "fdatasync", "rename,renameat,renameat2", "unlink,unlinkat", "mkdir,mkdirat"),
)
ERRORS = ("ENOSPC", "EIO")
SHORT = "retval=1"
"""A write that takes one byte and says so."""


def failures(folder: Path, name: str) -> Iterator[tuple[str, str, int]]:
    """Yield every `(call, error, which time)` that can be made to fail in a change."""
    begin(folder, name)
    for call in CALLS:
        errors = [f"error={error}" for error in ERRORS]
        errors += [SHORT] if call in ("write", "pwrite64") else []
        for error in errors:
            number = 1
            while number == 1 or _last[1]:
                yield call, error, number
                number += 1


_last: tuple[str, bool] = ("", True)


def begin(folder: Path, name: str) -> None:
    prepare(folder / name, name)


def broken(folder: Path, name: str, call: str, error: str, number: int) -> list[str] | None:
    """Return what is wrong after a call failed; None if there was no such call any more."""
    global _last
    here = copied(folder / name, folder / "now")
    back = Path.cwd()
    os.chdir(here)
    try:
        arguments = [*CHANGES[name].arguments, "--library", "library"]
        ran = run(here, arguments, ["-e", f"inject={call}:{error}:when={number}"])
    finally:
        os.chdir(back)
    happened = "INJECTED" in ran.calls
    _last = (call, happened)
    if not happened:
        return None
    found = wrong(here, here / "library", name, acknowledged=ran.code == 0)
    if "Traceback" in ran.told or ran.code not in (0, 1, 2):
        found.append(f"exit {ran.code}: {ran.told.strip()[-300:]}")
    elif ran.code and len(ran.told.strip().split("\n")) != 1:
        found.append(f"told {ran.told!r}")
    return found


def main(folder: Path) -> None:
    for name in CHANGES:
        count = 0
        for call, error, number in failures(folder, name):
            found = broken(folder, name, call, error, number)
            count += found is not None
            for each in found or ():
                print(f"{name}: {call} {error} {number}: {each}", flush=True)
        print(f"{name}: {count} failures", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
