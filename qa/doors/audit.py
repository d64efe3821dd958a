"""The record of changes: who did what, when and from where; one JSON object a line."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from platformdirs import user_log_path

MAX_BYTES = 10_000_000
"""Of a file; then it is put aside under the time."""
MAX_FILES = 100


class Audit:
    """Appends to `audit.jsonl` in a folder, or nowhere; several processes may do so at once."""

    def __init__(self, folder: Path | None, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def note(self, who: str | None, what: str, **more: object) -> None:
        """Write down a change, on the disk when this returns."""
        if self._folder is None:
            return
        made_private(self._folder)
        told = {"time": utc(), "who": who, "what": what, **more}
        file = self._folder / "audit.jsonl"
        with FileLock(self._folder / "audit.lock", mode=0o600):
            line = as_line(told)
            if file.exists() and file.stat().st_size + len(line) > self._max_bytes:
                self._put_aside(file)
            writing = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(writing, line)
                os.fsync(writing)
            finally:
                os.close(writing)

    def _put_aside(self, file: Path) -> None:
        file.rename(file.with_name(f"audit-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl"))
        for old in sorted(file.parent.glob("audit-*.jsonl"))[:-MAX_FILES]:
            old.unlink()


def as_line(told: dict[str, object]) -> bytes:
    """Return an object as one line of ASCII, which no value of it can break or forge."""
    return json.dumps(told, default=str).encode() + b"\n"


def utc() -> str:
    """Return the time, as in `2026-01-31T08:00:00.000+00:00`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def default_folder() -> Path:
    """Return where the records of this user of the machine are kept."""
    return user_log_path("yuanwen")


def made_private(folder: Path) -> Path:
    """Make a folder that only its owner can look into, unless it is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
