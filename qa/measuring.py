"""`yuanwen evaluate`: the quality of answers on a set of questions, or of finding paragraphs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from index import default_encoder

from . import evaluate as quality
from . import paragraphs
from .assistant import Assistant
from .errors import QuestionError
from .shelving import bar, engine_of


def evaluate(options: argparse.Namespace) -> int:
    kinds = {file.suffix == ".json" for file in options.questions}
    if len(kinds) > 1:
        raise QuestionError(
            "请只给 .jsonl 题集，或只给 SQuAD 格式的 .json / give .jsonl questions or .json files of the "
            "SQuAD format, not both"
        )
    if kinds == {True}:
        _find_paragraphs(options.questions, options.every, options.json)
    else:
        _ask(options)
    return 0


def _find_paragraphs(files: Sequence[Path], every: int, as_json: bool) -> None:
    from tqdm import tqdm

    sets = [paragraphs.read_squad(file, every) for file in files]
    total = sum(len(each.asked) for each in sets) * len(sets)
    with tqdm(total=total, unit=" 题", leave=False) as shown:
        found = paragraphs.measure(sets, default_encoder(), shown.update)
    if as_json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
    else:
        print(paragraphs.table(found))


def _ask(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    questions = [asked for file in options.questions for asked in quality.read_questions(file)]
    with bar() as progress:
        assistant = Assistant.open(options.library, progress=progress, engine=engine_of(options))
    with tqdm(total=len(questions), unit=" 题", leave=False) as shown:
        outcomes = quality.evaluate(assistant, questions, shown.update)
    figures = quality.figures(outcomes)
    print(
        json.dumps(figures, ensure_ascii=False, indent=2)
        if options.json
        else quality.table(figures)
    )
    if options.misses:
        for outcome in outcomes:
            if miss := _miss(outcome):
                print(miss)


def _miss(outcome: quality.Outcome) -> str | None:
    """Say what went wrong with a question; None if nothing did."""
    asked, answer = outcome.question, outcome.answer
    if asked.answerable and outcome.rank != 1:
        what = f"rank {outcome.rank}"
    elif asked.answerable != (answer.status == "answered"):
        what = answer.status
    else:
        return None
    first = (answer.quotes or answer.nearest)[0].highlight
    return f"{asked.id} {what} ({answer.confidence:.2f}) {asked.question} -> {first}"
