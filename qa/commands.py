"""What each command does: takes the parsed options, prints, returns the exit code."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from index import Library
from index.library import Progress
from sources import READERS, SourceError

from . import cite
from . import evaluate as evaluation
from .answer import Answer, Quote
from .assistant import Assistant, open_library
from .errors import AnswerError, QuestionError
from .verify import Verifier


def _assistant(options: argparse.Namespace) -> Assistant:
    with _bar() as progress:
        return Assistant.open(options.library, progress=progress)


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show a progress bar from the first report on: what is being encoded, how much is left."""
    with ExitStack() as stack:
        shown: tqdm[Any] | None = None

        def report(title: str, done: int, total: int) -> None:
            nonlocal shown
            if shown is None:
                shown = stack.enter_context(tqdm(total=total, unit=" 句", leave=False))
            shown.set_description(title)
            shown.update(done - shown.n)

        yield report


def ask(options: argparse.Namespace) -> int:
    if (options.question is None) == (options.batch is None):
        raise QuestionError(
            "请给出一个问题，或用 --batch 给出文件 / give one question, or a file with --batch"
        )
    assistant = _assistant(options)
    if options.batch:
        for asked in list(_json_lines(options.batch, QuestionError)):
            answer = assistant.ask(
                _field(asked, "question", str, options.batch),
                _field(asked, "history", list, options.batch, []),
                _field(asked, "sources", list, options.batch, options.source),
                options.k,
            )
            _print(answer, options.json, asked.get("id"))
        return 0
    answer = assistant.ask(options.question, options.history, options.source, options.k)
    _print(answer, options.json, None)
    return 0


def _field(asked: dict[str, Any], name: str, kind: type, file: Path, default: Any = "") -> Any:
    value = asked.get(name, default)
    items = value if isinstance(value, list) else []
    if value is not default and not (
        isinstance(value, kind) and all(isinstance(i, str) for i in items)
    ):
        raise QuestionError(
            f"{file}: {asked.get('id')}: “{name}” 类型不对 / “{name}” is not what it should be"
        )
    return value


def _print(answer: Answer, as_json: bool, id: str | None) -> None:
    if as_json:
        print(json.dumps(answer.as_dict(id), ensure_ascii=False), flush=True)
        return
    chinese = any("\u4e00" <= char <= "\u9fff" for char in answer.question)
    if id is not None:
        print(f"## {id} {answer.question}")
    if answer.read_as != answer.question:
        print(("理解为：" if chinese else "read as: ") + answer.read_as)
    if answer.status == "not_found":
        print(
            "原文没有说。最接近、但不是答案的："
            if chinese
            else "The reviews do not say. Closest, but not an answer:"
        )
    shown = set()
    for number, quote in enumerate(answer.quotes or answer.nearest, 1):
        words = _marked(quote) if quote.passage not in shown else f"… 【{quote.highlight}】 …"
        shown.add(quote.passage)
        print(f"\n{number}. {words}\n   —— {quote.citation()}")
    print()


def _marked(quote: Quote) -> str:
    """Return the passage with the highlighted sentences between the marks 【 and 】."""
    text, at, parts = quote.text, 0, []
    for span in quote.highlights:
        start, end = span.start - quote.passage.start, span.end - quote.passage.start
        parts += [text[at:start], "【", text[start:end], "】"]
        at = end
    return "".join(parts) + text[at:]


def sources(options: argparse.Namespace) -> int:
    library = _filled(options)
    for review in library.reviews.values():
        told = {
            "id": review.id,
            "title": review.title,
            "title_assigned": review.record.title_assigned,
            "language": review.language,
            "file": review.place,
            "sha256": review.sha256,
            "sections": len(review.sections),
            "passages": len(review.passages),
            "sentences": len(review.sentences),
            "references": len(review.references),
            "set_aside": [
                {"reason": aside.reason, "text": review.raw[aside.raw_start : aside.raw_end]}
                for aside in review.set_aside
            ],
        }
        if options.json:
            print(json.dumps(told, ensure_ascii=False))
        else:
            print(f"{review.id}\n  《{review.title}》 {review.language}  {review.place}")
            print(
                f"  {told['sections']} 节/sections  {told['passages']} 段/passages"
                f"  {told['sentences']} 句/sentences  {told['references']} 条文献/references"
                f"  {len(review.set_aside)} 处剔除/set aside\n  sha256 {review.sha256}"
            )
    return 0


def _filled(options: argparse.Namespace) -> Library:
    with _bar() as progress:
        return open_library(options.library, progress=progress)


def add(options: argparse.Namespace) -> int:
    library = _filled(options)
    with _bar() as progress:
        for review in library.add(list(_files(options.paths)), progress):
            print(f"{review.id}  《{review.title}》  {len(review.passages)} 段/passages")
    return 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in READERS)
        if not found:
            raise SourceError(
                f"{path}: 文件夹里没有可读的文件（{' '.join(READERS)}）/ the folder holds no file that can be read"
            )
        yield from found


def remove(options: argparse.Namespace) -> int:
    _filled(options).remove(options.id)
    return 0


def rebuild(options: argparse.Namespace) -> int:
    library = _filled(options)
    with _bar() as progress:
        library.rebuild(progress)
    return 0


def check(options: argparse.Namespace) -> int:
    faults = _filled(options).check()
    for fault in faults:
        print(fault)
    if not faults:
        print("文献库完好 / the library is whole")
    return 1 if faults else 0


def verify(options: argparse.Namespace) -> int:
    verifier = Verifier(_filled(options))
    failed = checked = 0
    for answer in _json_lines(options.answer, AnswerError):
        for verdict in verifier.verify(answer):
            checked += 1
            if verdict.fault:
                failed += 1
                name = f"{verdict.answer}: " if verdict.answer is not None else ""
                print(f"{name}引文/quote {verdict.number} ({verdict.source}): {verdict.fault}")
    print(f"{checked - failed}/{checked} 条引文与原文一致 / quotes verified")
    return 1 if failed else 0


def export(options: argparse.Namespace) -> int:
    verifier = Verifier(_filled(options))
    quotes = [
        quote
        for answer in _json_lines(options.answer, AnswerError)
        for quote in verifier.quotes(answer)
    ]
    print(cite.export(quotes, options.style))
    return 0


def evaluate(options: argparse.Namespace) -> int:
    questions = evaluation.read_questions(options.questions)
    assistant = _assistant(options)
    with tqdm(total=len(questions), unit=" 题", leave=False) as shown:
        outcomes = evaluation.evaluate(assistant, questions, shown.update)
    if options.json:
        print(json.dumps(evaluation.figures(outcomes), ensure_ascii=False, indent=2))
    else:
        print(evaluation.table(evaluation.figures(outcomes)))
    if options.misses:
        for outcome in outcomes:
            first = (outcome.answer.quotes or outcome.answer.nearest)[0].highlight
            asked, sure = outcome.question, outcome.answer.confidence
            if asked.answerable and outcome.rank != 1:
                print(f"{asked.id} rank {outcome.rank} ({sure:.2f}) {asked.question} -> {first}")
            elif asked.answerable != (outcome.answer.status == "answered"):
                print(
                    f"{asked.id} {outcome.answer.status} ({sure:.2f}) {asked.question} -> {first}"
                )
    return 0


def serve(options: argparse.Namespace) -> int:
    from app import serve as serve_page  # the one step upwards: the command starts the page

    serve_page(options.host, options.port, options.library, options.mcp)
    return 0


def _json_lines(file: Path, error: type[Exception]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file: one, a list of them, or one a line."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise error(f"{file}: 读不了 / cannot be read: {reason}") from None
    try:
        whole = json.loads(text)
        found = [(1, each) for each in (whole if isinstance(whole, list) else [whole])]
    except json.JSONDecodeError:
        found = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, each in found:
        try:
            told = json.loads(each) if isinstance(each, str) else each
        except json.JSONDecodeError as reason:
            raise error(f"{file}:{number}: 不是 JSON / not JSON: {reason}") from None
        if not isinstance(told, dict):
            raise error(f"{file}:{number}: 应是一个 JSON 对象 / should be a JSON object")
        yield told
