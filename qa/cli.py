"""The command `yuanwen`: every error is one line that names the place and the cure."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from index import EncoderError, LibraryError, WeightsError
from sources import SourceError
from sources.characters import spelt

from . import commands, measuring, shelving, users
from .cite import STYLES
from .doors.entry import EntryError
from .doors.kept import AccountsError
from .engines import ENGINES
from .errors import AnswerError, QuestionError
from .terminal import printing

_ERRORS = (
    SourceError,
    LibraryError,
    QuestionError,
    AnswerError,
    EncoderError,
    WeightsError,
    AccountsError,
    EntryError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    0: done; 1: a quote failed, the library is not whole, or some files did not go in; 2: an
    error, nothing was done; 130: stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        with printing():
            code = int(options.run(options))
            sys.stdout.flush()
        return code
    except _ERRORS as error:
        print(f"yuanwen: {spelt(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  nobody reads what is still to come
        return 0
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        print(
            f"yuanwen: 读写失败（{spelt(str(error))}），请检查磁盘后再试 / reading or writing failed; check the disk and "
            "try again",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print(
            "yuanwen: 已停止，已完成的保留，其余未动 / stopped; what was done stays, the rest is as it was",
            file=sys.stderr,
        )
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
        made.add_argument(
            "--engine", choices=ENGINES, help="检索引擎 / what finds candidates (embedded)"
        )
        made.add_argument("--uri", metavar="URI", help="Milvus 的地址 / address of Milvus")
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
    command("sources", shelving.sources, "列出文献 / list the reviews").add_argument(
        "--json", action="store_true"
    )
    add = command("add", shelving.add, "添加文献 / add files or folders")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    add.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="在 Ray 集群上读取和编码 / read and encode on a Ray cluster (host:6379)",
    )
    sync = command(
        "sync", shelving.sync, "与文件夹同步 / add, replace and remove as a folder has it"
    )
    sync.add_argument("folder", type=Path, metavar="FOLDER")
    describe = command(
        "describe", shelving.describe, "写明一篇文献的题录 / say what is known of a review"
    )
    describe.add_argument("id", metavar="ID")
    for described in (add, describe):
        for field, said in shelving.FIELDS.items():
            described.add_argument(f"--{field}", metavar="TEXT", help=said)
    remove = command("remove", shelving.remove, "移除文献 / remove reviews")
    remove.add_argument("names", nargs="+", metavar="ID|FILE|FOLDER")
    command("rebuild", shelving.rebuild, "重建过时的部分 / make anew what an older version made")
    check = command("check", shelving.check, "检查文献库 / prove that the library is whole")
    check.add_argument(
        "--repair", action="store_true", help="修复能修复的 / make anew what is damaged"
    )
    verify = command("verify", commands.verify, "核对引文 / replay the receipts of an answer")
    verify.add_argument("answer", type=Path, metavar="ANSWER.json")
    verify.add_argument(
        "--file",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="对照这个文件，不必入库 / check against this file, in a library or not",
    )
    cited = command("export", commands.export, "导出引文 / export citations")
    cited.add_argument("answer", type=Path, metavar="ANSWER.json")
    cited.add_argument("--style", choices=list(STYLES), default="gbt7714")
    cited.add_argument(
        "--cited",
        action="store_true",
        help="连同引文所引的文献 / with the works that the quotes cite",
    )
    cites = command("cites", commands.cites, "谁引用了这条文献 / which sentences cite a reference")
    cites.add_argument(
        "entry",
        metavar="NUMBER|WORDS",
        help="13、“Smith 2019”、DOI、题名里的词 / words of the title",
    )
    cites.add_argument(
        "--source", action="append", metavar="ID", help="只查这篇 / in this review only"
    )
    cites.add_argument("--json", action="store_true")
    measure = command("evaluate", measuring.evaluate, "评测 / print the quality table")
    measure.add_argument(
        "questions",
        type=Path,
        nargs="+",
        metavar="QUESTIONS.jsonl|SQUAD.json",
        help="自己的题集，或 SQuAD 格式的段落题集（平行的几份互相提问）/ questions for the library, "
        "or parallel files of the SQuAD format with paragraphs of their own",
    )
    measure.add_argument(
        "--every", type=int, default=1, help="SQuAD：每几篇问一篇 / ask every n-th article only (1)"
    )
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
    _serving(serve)
    _users(
        names.add_parser("users", help=(told := "谁可以登录 / who may log in"), description=told)
    )
    return parser


def _serving(serve: argparse.ArgumentParser) -> None:
    """Add the options of serving others; docs/serving.md tells how they go together."""
    serve.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="大家用的名字 / a name that people use for this server",
    )
    serve.add_argument(
        "--login", action="store_true", help="本机也须登录 / needs a login on this machine too"
    )
    serve.add_argument(
        "--trust-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="反向代理的地址 / address of a reverse proxy",
    )
    serve.add_argument(
        "--user-header", metavar="HEADER", help="代理用它写明是谁 / in which it names the user"
    )
    serve.add_argument(
        "--admin",
        action="append",
        default=[],
        metavar="NAME",
        help="代理所写的名字里，谁是管理员 / an admin among those users",
    )
    serve.add_argument(
        "--own-libraries",
        action="store_true",
        help="登录的人各有自己的文献库，放在 --library 下 / each who logs in has a library of his own, below --library",
    )
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="证书 / certificate")
    serve.add_argument("--tls-key", type=Path, metavar="PEM", help="私钥 / private key")
    serve.add_argument(
        "--log-questions", action="store_true", help="日志里写下问题 / log what is asked"
    )
    _kept_in(serve)


def _users(parser: argparse.ArgumentParser) -> None:
    names = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help: str, of_one: bool = True
    ) -> argparse.ArgumentParser:
        made = names.add_parser(name, help=help, description=help)
        if of_one:
            made.add_argument("name", metavar="NAME")
        _kept_in(made)
        made.set_defaults(run=run)
        return made

    command(
        "add", users.add, "添加帐户，密码另问 / add an account; asks for a password"
    ).add_argument("--admin", action="store_true", help="可以改动文献库 / may change the library")
    command("list", users.listed, "列出帐户 / list the accounts", of_one=False)
    command("remove", users.remove, "移除帐户 / remove an account")
    command("password", users.password, "改密码 / change a password")
    label = "令牌的用途 / what the token is for"
    command("token", users.token, "给程序一个令牌 / make a token for a program").add_argument(
        "--label", default="", metavar="TEXT", help=label
    )
    command("revoke", users.revoke, "作废令牌 / revoke tokens").add_argument(
        "--label", metavar="TEXT", help=label
    )


def _kept_in(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--accounts", type=Path, metavar="FILE", help="帐户文件 / file of accounts")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="日志文件夹 / folder of the logs")
