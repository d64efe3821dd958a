"""The command `yuanwen`: every error is one line that names the place and the cure."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from index import EncoderError, LibraryError, WeightsError
from sources import SourceError

from . import commands
from .cite import STYLES
from .errors import AnswerError, QuestionError

_ERRORS = (SourceError, LibraryError, QuestionError, AnswerError, EncoderError, WeightsError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 a quote failed, 2 an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except _ERRORS as error:
        print(f"yuanwen: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("yuanwen: 已停止，文献库未改动 / stopped; the library is as it was", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yuanwen",
        description="向综述提问，只用原文回答 / Ask reviews a question; be answered in their own words.",
    )
    names = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help: str
    ) -> argparse.ArgumentParser:
        made = names.add_parser(name, help=help, description=help)
        made.add_argument(
            "--library", type=Path, metavar="DIR", help="文献库文件夹 / library folder"
        )
        made.set_defaults(run=run)
        return made

    ask = command("ask", commands.ask, "提问 / ask a question")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument(
        "--batch", type=Path, metavar="FILE", help="每行一个 JSON 问题 / JSON questions"
    )
    ask.add_argument("--history", action="append", default=[], metavar="QUESTION")
    ask.add_argument(
        "--source", action="append", metavar="ID", help="只问这篇 / ask this review only"
    )
    ask.add_argument("--k", type=int, default=3, help="引文条数 / number of quotes (3)")
    ask.add_argument("--json", action="store_true")
    command("sources", commands.sources, "列出文献 / list the reviews").add_argument(
        "--json", action="store_true"
    )
    add = command("add", commands.add, "添加文献 / add files or folders")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    command("remove", commands.remove, "移除文献 / remove a review").add_argument(
        "id", metavar="ID"
    )
    command("rebuild", commands.rebuild, "重建文献库 / read and encode everything anew")
    command("check", commands.check, "检查文献库 / check that the library is whole")
    verify = command("verify", commands.verify, "核对引文 / replay the receipts of an answer")
    verify.add_argument("answer", type=Path, metavar="ANSWER.json")
    cited = command("export", commands.export, "导出引文 / export citations")
    cited.add_argument("answer", type=Path, metavar="ANSWER.json")
    cited.add_argument("--style", choices=list(STYLES), default="gbt7714")
    measure = command("evaluate", commands.evaluate, "评测 / print the quality table")
    measure.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    measure.add_argument("--json", action="store_true")
    measure.add_argument(
        "--misses", action="store_true", help="列出答错的题 / list what went wrong"
    )
    serve = command("serve", commands.serve, "打开网页 / serve the chat page")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=7860)
    serve.add_argument(
        "--mcp", action="store_true", help="另供桌面助手调用 / also serve desktop assistants"
    )
    return parser
