"""The server's log: one JSON object a line, rotating, without what was asked unless that is wanted."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from .audit import as_line, made_private, utc
from .entry import EntryError

MAX_BYTES, MAX_FILES = 10_000_000, 10
QUESTIONS = logging.getLogger("yuanwen.questions")


class Line(logging.Formatter):
    """A record as one line of JSON; its `told` are fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {"time": utc(), "level": record.levelname.lower()}
        told |= {"from": record.name, "what": record.getMessage(), **getattr(record, "told", {})}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return as_line(told).decode().rstrip("\n")


class PrivateFile(RotatingFileHandler):
    """A rotating file that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        opened = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(opened, "a", encoding="utf-8")


def start_log(folder: Path, questions: bool = False) -> Path:
    """Write the server's log into a folder, warnings to the terminal too; return its file."""
    file = folder / "server.jsonl"
    try:
        written = PrivateFile(
            made_private(folder) / file.name, maxBytes=MAX_BYTES, backupCount=MAX_FILES
        )
    except OSError as error:
        raise EntryError(
            f"{folder}: 日志写不进去（{error.strerror}），请用 --logs 换一个文件夹 / the log cannot be written; "
            "name another folder with --logs"
        ) from None
    written.setFormatter(Line())
    shown = logging.StreamHandler()
    shown.setLevel(logging.WARNING)
    for name in ("yuanwen", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [written, shown]
        logger.setLevel(logging.INFO)
        logger.propagate = False
    QUESTIONS.setLevel(logging.INFO if questions else logging.CRITICAL)
    return file


def note_question(question: str) -> None:
    """Write down a question, where `--log-questions` wants it."""
    QUESTIONS.info("asked", extra={"told": {"question": question}})
