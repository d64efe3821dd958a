"""Run a command of the program in a process whose system calls `strace` watches or makes fail."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Timer

import pytest
from tqdm import tqdm

import qa.assistant
import sources.walking
from qa.cli import main
from sources.reading import read_bytes

from ..hashed import Hashed

STRACE = shutil.which("strace")
tqdm.get_lock()  # made now, so that no fork makes it


def need_strace() -> None:
    """Skip a test where there is no `strace`, unless it must be there."""
    if STRACE is None:
        if os.environ.get("YUANWEN_REQUIRE_STRACE"):
            pytest.fail("strace is not installed")
        pytest.skip("strace is not installed")
    if not may_trace():
        pytest.skip("this machine does not let one process trace another")


@cache
def may_trace() -> bool:
    tried = subprocess.run([str(STRACE), "-o", "/dev/null", "true"], capture_output=True)
    return tried.returncode == 0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to: its exit code, or minus a signal; what it printed; its calls."""

    code: int
    out: str
    told: str
    calls: str


LIMIT = 10.0
"""Seconds after which a process is killed; one takes a fifth."""


def run(
    folder: Path, arguments: Sequence[str], watch: Sequence[str], largest: int | None = None
) -> Ran:
    """Run `yuanwen` with the quick encoder in a fork of this process, watched from its start.

    `largest`: bytes that a file may have; a write beyond is short, the next one fails.
    Files are read in the process itself: the one that reads them apart writes nothing.
    """
    out, told, calls = (folder / name for name in ("out", "told", "calls"))
    waiting, ready = os.pipe()
    with out.open("wb") as first, told.open("wb") as second:
        child = os.fork()
        if child == 0:
            os.dup2(first.fileno(), 1)
            os.dup2(second.fileno(), 2)
            _become(waiting, arguments, largest)
    os.close(waiting)
    command = [str(STRACE), "-f", "-qq", "-o", str(calls), *watch, "-p", str(child)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while _tracer_of(child) == 0:
        if tracer.poll() is not None:
            raise RuntimeError(tracer.stderr and tracer.stderr.read())
    os.write(ready, b"x")
    os.close(ready)
    late = Timer(LIMIT, os.kill, (child, signal.SIGKILL))
    late.start()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    late.cancel()
    tracer.communicate()
    return Ran(status, out.read_text("utf-8"), told.read_text("utf-8"), calls.read_text("latin-1"))


def _become(waiting: int, arguments: Sequence[str], largest: int | None) -> None:
    code = 70
    try:
        os.read(waiting, 1)
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8") for number in (1, 2))  # noqa: SIM115
        qa.assistant.default_encoder = Hashed  # type: ignore[assignment]
        sources.walking.read_bytes = read_bytes
        try:
            code = main(arguments)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            raise
        sys.stderr.flush()
    finally:
        os._exit(code)  # whatever happened: this is no place to go on from


def _tracer_of(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("TracerPid:")[1].split()[0])
