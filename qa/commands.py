"""What each command does: takes the parsed options, prints, returns the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cite
from .answer import Answer, Quote
from .assistant import Assistant
from .cites import citing
from .doors.audit import Audit, default_folder
from .doors.entry import entry_for, is_loopback
from .doors.log import start_log
from .doors.tls import checked_tls
from .errors import AnswerError, QuestionError
from .place import in_brackets
from .shelving import bar, engine_of, filled
from .verify import Verifier


def _assistant(options: argparse.Namespace) -> Assistant:
    with bar() as progress:
        return Assistant.open(options.library, progress=progress, engine=engine_of(options))


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
        print(f"\n{number}. {words}")
        _print_citation(quote, chinese)
    print()


def _print_citation(quote: Quote, chinese: bool) -> None:
    """Print where a quote stands, the entries it cites, and which markers have none."""
    place, *entries = quote.citation().split("\n")
    print(f"   —— {place}")
    for entry in entries:
        print(f"      {entry}")
    unknown = "".join(in_brackets(marker) for marker, entry in quote.references if not entry)
    if unknown and not quote.review.references:
        why = "文件没有参考文献列表" if chinese else "the file has no reference list"
        print(f"      {unknown} {why}")
    elif unknown:
        why = (
            "参考文献列表里没有可以确定的条目"
            if chinese
            else "no certain entry in the file's reference list"
        )
        print(f"      {unknown} {why}")


def cites(options: argparse.Namespace) -> int:
    entries = citing(filled(options), options.entry, options.source)
    if options.json:
        told = {"query": options.entry, "entries": [entry.as_dict() for entry in entries]}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    chinese = any("\u4e00" <= char <= "\u9fff" for char in options.entry)
    if not entries:
        print("没有这样的参考文献 / no such reference")
    for entry in entries:
        marker = in_brackets(entry.marker) + " " if entry.marker is not None else ""
        print(f"\n{entry.review.id}: {marker}{entry.text or '—'}")
        if not entry.quotes:
            print("   没有句子引用它 / no sentence cites it")
        for number, quote in enumerate(entry.quotes, 1):
            print(f"{number}. {quote.highlight}")
            _print_citation(quote, chinese)
    return 0


def _marked(quote: Quote) -> str:
    """Return the passage with the highlighted sentences between the marks 【 and 】."""
    text, at, parts = quote.text, 0, []
    for span in quote.highlights:
        start, end = span.start - quote.passage.start, span.end - quote.passage.start
        parts += [text[at:start], "【", text[start:end], "】"]
        at = end
    return "".join(parts) + text[at:]


def verify(options: argparse.Namespace) -> int:
    verifier = Verifier(lambda: filled(options), options.file)
    failed = checked = 0
    for answer in _json_lines(options.answer, AnswerError):
        for verdict in verifier.verify(answer):
            checked += 1
            if verdict.fault:
                failed += 1
                name = f"{verdict.answer}: " if verdict.answer is not None else ""
                print(f"{name}引文/quote {verdict.number} ({verdict.source}): {verdict.fault}")
                print(*(f"    {line}\n" for line in verdict.changes), sep="", end="")
    print(f"{checked - failed}/{checked} 条引文与原文一致 / quotes verified")
    return 1 if failed else 0


def export(options: argparse.Namespace) -> int:
    verifier = Verifier(lambda: filled(options))
    quotes = [
        quote
        for answer in _json_lines(options.answer, AnswerError)
        for quote in verifier.quotes(answer)
    ]
    print(cite.export(quotes, options.style, options.cited))
    return 0


def serve(options: argparse.Namespace) -> int:
    from app import serve as serve_page  # the one step upwards: the command starts the page

    logs = options.logs or default_folder()
    let_in = entry_for(
        options.host,
        options.allowed_host,
        options.login,
        options.accounts,
        options.trust_proxy,
        options.user_header,
        options.admin,
        Audit(logs),
    )
    tls = checked_tls(options.tls_cert, options.tls_key)
    start_log(logs, options.log_questions)
    if not (tls or let_in.is_open or let_in.proxies or is_loopback(options.host)):
        print(
            "yuanwen: 没有 TLS，密码会明文经过网络，请给出 --tls-cert / without TLS passwords cross the "
            "network in the clear; give --tls-cert",
            file=sys.stderr,
        )
    serve_page(
        options.host,
        options.port,
        options.library,
        options.mcp,
        let_in,
        tls,
        engine_of(options),
        options.own_libraries,
    )
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
