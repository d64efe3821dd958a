"""The processes under measure, seen from outside: asked, timed, weighed."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.weights import bundled_model

from .environments import SILENT

ROOT = Path(__file__).parents[2]
_TICK = os.sysconf("SC_CLK_TCK")


class Worker:
    """A process that serves one retriever; see `serving.serve`."""

    def __init__(self, python: Path, module: str, log: Path) -> None:
        self.started = time.perf_counter()
        self.module, self.log = module, log
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [python, "-m", f"benchmarks.peers.{module}", bundled_model()],
                text=True,
                encoding="utf-8",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=os.environ | SILENT,
            )

    def do(self, verb: str, *given: object) -> tuple[float, Any]:
        """Return the seconds that something took there, and what came of it."""
        asking, telling = self.process.stdin, self.process.stdout
        assert asking
        assert telling
        try:
            print(json.dumps([verb, *given]), file=asking, flush=True)
        except BrokenPipeError:
            line = ""
        else:
            line = telling.readline()
        if not line:
            last = self.log.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise SystemExit(f"{self.module}: {''.join(last) or 'ended'}; see {self.log}")
        seconds, found = json.loads(line)
        return seconds, found

    def cost(self) -> dict[str, float]:
        """Return what the process and those it started have taken so far, in all."""
        everyone = _family(self.process.pid)
        return {
            "s": time.perf_counter() - self.started,
            "processor, s": sum(map(_processor, everyone)),
            "memory, MB": sum(map(_memory, everyone)),
        }

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def worker(python: Path, module: str, log: Path) -> Iterator[Worker]:
    running = Worker(python, module, log)
    try:
        yield running
    finally:
        children = _family(running.process.pid)[1:]
        running.end()
        for each in children:  # Milvus Lite outlives the process that started it
            if Path(f"/proc/{each}").exists():
                os.kill(each, 15)


def _family(process: int) -> list[int]:
    """Return a process and all that it started, and they."""
    parents = {int(each.name): _stat(int(each.name)) for each in Path("/proc").glob("[0-9]*")}
    found = [process]
    for one in found:
        found += [each for each, told in parents.items() if told and int(told[1]) == one]
    return found


def _stat(process: int) -> list[str]:
    """Return what the kernel tells of a process after its name; nothing once it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _processor(process: int) -> float:
    told = _stat(process)
    return (int(told[11]) + int(told[12])) / _TICK if told else 0


def _memory(process: int) -> float:
    told = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in told if line.startswith("VmHWM"))
