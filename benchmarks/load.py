"""Many people at once: sessions that ask, ask on, read and list over HTTP, against the real program.

`python -m benchmarks.load` prints the table of `load.md`. Every question is another text, so that
nothing that is remembered helps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from index import Library, default_encoder

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "benchmarks" / "questions.jsonl"
SERVER = "import app, sys; from pathlib import Path; app.serve(port=0, library=Path(sys.argv[1]))"
FOLLOW_UPS = ("那儿童呢？", "会遗传吗？", "What is the mechanism?", "那怎么治疗？")
SINGLE = 20.0
"""Seconds that one person asks alone, before the others come and after they have gone."""


@dataclass
class Seen:
    """What became of the requests, by kind: seconds of those answered, and the others."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    busy: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def percentile(self, kind: str, percent: int) -> float:
        times = sorted(self.seconds[kind])
        return times[min(len(times) - 1, len(times) * percent // 100)] if times else float("nan")

    def answered(self) -> int:
        return len(self.seconds["ask"]) + len(self.seconds["follow-up"])


@dataclass
class Run:
    """One run: the crowd, the one person alone before and after it, and the memory meanwhile."""

    crowd: Seen
    alone: Seen
    lasted: float
    memory: list[tuple[float, int]]
    """Seconds since the crowd came, and bytes that the server holds."""
    worked: float = 0.0
    """Seconds of processor time that the server took for the crowd."""

    @property
    def single(self) -> float:
        """Median seconds of a question that one person asks alone."""
        return statistics.median(self.alone.seconds["ask"])

    @property
    def slowest(self) -> float:
        """How often the 95th percentile of a question is that."""
        times = self.crowd.seconds["ask"] + self.crowd.seconds["follow-up"]
        return sorted(times)[len(times) * 95 // 100] / self.single

    def growth(self, since: float) -> float:
        """Share by which the memory at the end is above what it was then."""
        after = [held for at, held in self.memory if at >= since]
        return max(after[-3:]) / after[0] - 1


class Visitor:
    """One tab of a browser: asks as the page does, on a connection of its own."""

    def __init__(self, address: str, parts: dict[str, int], seen: Seen, numbers: Iterator[int]):
        # The server drops a connection that is idle for 5 s; a client that gives up sooner never
        # sends on one that is being dropped.
        kept = httpx.Limits(keepalive_expiry=3)
        self._http = httpx.AsyncClient(base_url=address, timeout=60, limits=kept)
        self._parts, self._seen, self._numbers = parts, seen, numbers
        self._session = f"{random.random():.12f}"

    async def ask(self, kind: str, question: str, history: list[str]) -> dict[str, Any] | None:
        turn = {"question": question, "history": history, "sources": None, "session": self._session}
        told = await self._send(kind, "POST", "ask", turn)
        return told and told["answer"]

    async def read(self, place: dict[str, Any]) -> None:
        asked = {"review": place["review"], "at": place["marks"][0][0]}
        await self._call("reader", "read", asked)

    async def browse(self) -> None:
        await self._call("picker", "shelf", None)
        await self._send("sources", "GET", "api/sources")

    async def _call(self, part: str, function: str, asked: object) -> None:
        call = {"component_id": self._parts[part], "fn_name": function, "data": asked}
        call["session_hash"] = self._session
        await self._send(function, "POST", "gradio_api/component_server", call)

    async def _send(self, kind: str, method: str, path: str, sent: object = None) -> Any:
        began = time.perf_counter()
        try:
            answer = await self._http.request(method, path, json=sent)
        except httpx.HTTPError as error:
            self._seen.errors[f"{kind}: {type(error).__name__}"] += 1
            return None
        lasted = time.perf_counter() - began
        if answer.status_code == 503 and "busy" in answer.json()["error"]:
            self._seen.busy[kind] += 1
            self._seen.seconds["turned away"].append(lasted)
            await asyncio.sleep(int(answer.headers["Retry-After"]) * random.uniform(0.8, 1.5))
            return None
        told = answer.json() if answer.status_code == 200 else {"error": answer.status_code}
        if isinstance(told, dict) and "error" in told:
            self._seen.errors[f"{kind}: {told['error']}"] += 1
            return None
        self._seen.seconds[kind].append(lasted)
        return told

    async def visit(self, until: float, pause: float, questions: list[str]) -> None:
        """Ask, read and look around until a moment, with pauses of so many seconds on average."""
        await asyncio.sleep(random.uniform(0, min(pause, 10.0)))
        history: list[str] = []
        while time.monotonic() < until:
            if history and random.random() < 0.3:
                kind, question = "follow-up", random.choice(FOLLOW_UPS)
            else:
                number = next(self._numbers)
                kind, question = "ask", f"{questions[number % len(questions)]}（{number}）"
            answer = await self.ask(kind, question, history[-20:])
            if answer:
                history = [*history, question][-20:]
                quotes = answer["quotes"] or answer["nearest"]
                if quotes and random.random() < 0.5:
                    await self.read(quotes[0]["place"])
            if random.random() < 0.1:
                await self.browse()
            await asyncio.sleep(random.expovariate(1 / pause) if pause else 0)
        await self._http.aclose()

    async def ask_alone(self, seconds: float, questions: list[str]) -> None:
        """Ask one question after the other, as one person does who is alone here."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            number = next(self._numbers)
            await self.ask("ask", f"{questions[number % len(questions)]}（{number}）", [])
        await self._http.aclose()


async def measure(
    address: str, process: int, sessions: int, seconds: float, pause: float, single: float = SINGLE
) -> Run:
    """Let so many sessions visit a server for some time, and one alone before and after."""
    lines = QUESTIONS.read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    config = httpx.get(f"{address}/config", timeout=60).json()
    parts = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
    run, numbers = Run(Seen(), Seen(), 0.0, []), count(1)

    async def watch(began: float) -> None:
        while True:
            run.memory.append((time.monotonic() - began, resident(process)))
            await asyncio.sleep(2 if seconds > 60 else 0.5)

    def visitor(seen: Seen) -> Visitor:
        return Visitor(address, parts, seen, numbers)

    await visitor(Seen()).ask_alone(min(single, 3.0), questions)  # warms the server up
    await visitor(run.alone).ask_alone(single, questions)
    began, worked = time.monotonic(), processor_time(process)
    watching = asyncio.ensure_future(watch(began))
    await asyncio.gather(
        *(visitor(run.crowd).visit(began + seconds, pause, questions) for _ in range(sessions))
    )
    run.lasted = time.monotonic() - began
    run.worked = processor_time(process) - worked
    watching.cancel()
    await visitor(run.alone).ask_alone(single, questions)
    return run


def resident(process: int) -> int:
    """Return the bytes of memory that a process holds (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def processor_time(process: int) -> float:
    """Return the seconds of processor time that a process took so far (Linux)."""
    told = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(
    library: Path, code: str = SERVER, *more: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a library by the real program; yield where, once it is open, and the process.

    `code` starts it, and is given the library's folder and `more`.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(library), *more],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        wait_until_ready(address)
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_until_ready(address: str) -> None:
    until = time.monotonic() + 120
    while (health := httpx.get(f"{address}/api/health").json())["status"] != "ready":
        assert health["status"] == "loading", health
        assert time.monotonic() < until, "the server did not become ready"
        time.sleep(0.3)


def told(run: Run) -> Iterator[str]:
    """Yield the tables of a run, as Markdown."""
    yield "| request | answered | p50 ms | p95 ms | p99 ms | busy |\n|---|---|---|---|---|---|"
    for kind in sorted(run.crowd.seconds):
        times = [f"{1000 * run.crowd.percentile(kind, each):.0f}" for each in (50, 95, 99)]
        answered = len(run.crowd.seconds[kind])
        yield f"| {kind} | {answered} | {' | '.join(times)} | {run.crowd.busy[kind] or ''} |"
    asked = run.crowd.answered() + run.crowd.busy["ask"] + run.crowd.busy["follow-up"]
    alone = run.alone.seconds["ask"]
    first = next(held for at, held in run.memory if at >= min(60, run.lasted / 2))
    yield "\n| | |\n|---|---|"
    yield f"| errors other than busy | {dict(run.crowd.errors) or 0} |"
    yield f"| questions answered a second | {run.crowd.answered() / run.lasted:.1f} |"
    yield f"| cores that the server got, of {os.cpu_count()} | {run.worked / run.lasted:.2f} |"
    yield f"| share of questions turned away | {1 - run.crowd.answered() / asked:.0%} |"
    yield f"| one person alone: p50 ms, questions | {1000 * run.single:.0f}, {len(alone)} |"
    yield f"| p95 of a question against that | {run.slowest:.1f} |"
    yield f"| memory after a minute, MB | {first / 1e6:.0f} |"
    yield f"| growth after that | {run.growth(min(60, run.lasted / 2)):+.1%} |"
    curve = [held for at, held in run.memory][:: max(1, len(run.memory) // 12)]
    yield f"| memory over the run, MB | {' '.join(f'{held / 1e6:.0f}' for held in curve)} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--pause", type=float, default=0, help="seconds between two acts of one")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        library = Library(Path(folder), default_encoder())
        library.fill()
        library.close()
        with server(Path(folder)) as (address, process):
            run = asyncio.run(
                measure(address, process.pid, options.sessions, options.seconds, options.pause)
            )
    print("\n".join(told(run)), flush=True)
    if run.crowd.errors:
        raise SystemExit(f"{dict(run.crowd.errors)}")


if __name__ == "__main__":
    main()
