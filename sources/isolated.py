"""Strangers' files read in a process apart, so that none of them can harm this one.

It is started once, holds itself to limits (`sources/confinement.py`), and is ended when a file
breaks it or takes too long; the next file has a new one. What it says is checked on arrival.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

from .arriving import arrived
from .confinement import MEMORY
from .errors import SourceError
from .packed import pack_record
from .reading import identifier, load
from .record import Record
from .review import Review
from .worker import LENGTH

SECONDS, SECONDS_PER_MB = 120.0, 20.0
"""Time for a file; the slowest of the readers takes less than a hundredth on two slow cores."""
FILES = 500
"""Files after which the process is replaced, so that nothing that leaks in it adds up."""
MAX_REPLY = 512 * 2**20

_RUN = "import sys; sys.path[:] = {path!r}; from sources.worker import main; main({memory})"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Reader:
    """One process that reads files, one at a time; safe to share between threads."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY, files: int = FILES) -> None:
        self._seconds, self._memory, self._files = seconds, memory, files
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0
        self._lock = Lock()

    def read(
        self, data: bytes, path: Path, record: Record | None = None, id: str | None = None
    ) -> Review:
        """Read the bytes of a file that stands, or stood, at `path`; see `read_bytes`."""
        name = id or identifier(path.stem)
        asked = {"path": str(path), "id": name, "size": len(data), "seconds": self._allowed(data)}
        asked["record"] = pack_record(record) if record else None
        told = self._ask(asked, data)
        if isinstance(told, dict) and isinstance(told.get("error"), str):
            raise SourceError(told["error"])
        if isinstance(told, dict) and told.get("limit") == "memory":
            raise _unreadable(path, f"{self._memory >> 20} MB")
        try:
            return arrived(told, name, hashlib.sha256(data).hexdigest(), str(path.absolute()))
        except ValueError:
            self.stop()
            raise _unreadable(
                path, "读出的内容不合规 / what was read does not hold together"
            ) from None

    def stop(self, grace: float = 0.0) -> None:
        """End the process; the next file starts another. `grace`: seconds to end by itself."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(grace)  # so that what ended it is known
            process.kill()
            process.wait()
            _close(process)

    def forget(self) -> None:
        """Leave the process to the one that started it: this is a fork of that."""
        process, self._process, self._lock = self._process, None, Lock()
        if process is not None:
            process.returncode = 0  # not a child of this process
            _close(process)

    def _allowed(self, data: bytes) -> float:
        return self._seconds + SECONDS_PER_MB * len(data) / 1e6

    def _ask(self, asked: dict[str, Any], data: bytes) -> Any:
        with self._lock:
            process = self._process or self._start()
            late = Timer(asked["seconds"], process.kill)
            late.daemon = True
            late.start()
            began, told = time.monotonic(), None
            try:
                told = _exchange(process, json.dumps(asked).encode() + b"\n" + data)
            except (OSError, EOFError, ValueError):  # it is gone, or talks nonsense
                self.stop(1.0)
            finally:
                late.cancel()
                if told is None:
                    self.stop()
            if told is None:
                expired = time.monotonic() - began >= asked["seconds"]
                why = _reason(process.returncode, expired, asked["seconds"])
                raise _unreadable(Path(asked["path"]), why)
            self._read += 1
            if self._read >= self._files:
                self.stop()
            return told

    def _start(self) -> subprocess.Popen[bytes]:
        run = _RUN.format(path=sys.path, memory=self._memory)
        self._read = 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", run],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,  # what stops this program in a terminal ends it by `stop`
        )
        return self._process


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> Any:
    asking, telling = _pipes(process)
    asking.write(request)
    asking.flush()
    length = int.from_bytes(_exactly(telling, LENGTH), "big")
    if length > MAX_REPLY:
        raise ValueError(length)
    return json.loads(_exactly(telling, length).decode("utf-8", "surrogatepass"))


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in _pipes(process):
        with suppress(OSError):  # what was not sent has nobody to read it
            pipe.close()


def _reason(code: int | None, expired: bool, seconds: float) -> str:
    if expired or code == -24:  # SIGXCPU
        return f"{seconds:.0f} s"
    return f"读取程序中断（{code}）/ the reader broke off ({code})"


def _unreadable(path: Path, why: str) -> SourceError:
    return SourceError(
        f"{path}: 在限度内读不了（{why}），请另存为其他格式后添加 / could not be read within limits ({why}); "
        "save it in another format and add that"
    )


_reader = Reader()
atexit.register(_reader.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reader.forget)


def read_file(path: Path, record: Record | None = None, id: str | None = None) -> Review:
    """Read one file into a review, in a process apart.

    What `record` gives wins over what the file says of itself; where neither knows the title, the
    file's name serves and is marked as assigned. Raises SourceError, naming the file and the cure,
    if the file is missing, unreadable, too large, of an unknown kind, empty, binary, holds no
    sentence, or takes more memory or time than it may.
    """
    return read_bytes(load(path), path, record, id)


def read_bytes(
    data: bytes, path: Path, record: Record | None = None, id: str | None = None
) -> Review:
    """Read the bytes of a file that stands, or stood, at `path`; see `read_file`."""
    return _reader.read(data, path, record, id)
