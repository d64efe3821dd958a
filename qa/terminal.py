"""What is printed to a terminal, to which a document's text must not be able to give orders."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that make what follows run the other way, past their own line's text."""

_SPELT = {
    code: repr(chr(code))[1:-1] for code in (*_CONTROLS, *_TURNING) if chr(code) not in "\n\t"
}


class Terminal(io.TextIOBase):
    """A terminal that is shown control characters as they are spelt in code."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(text.translate(_SPELT))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return True


@contextmanager
def printing() -> Iterator[None]:
    """Let what is printed inside be read, not obeyed; a file or another program gets it exactly."""
    if not sys.stdout.isatty():
        yield
        return
    with redirect_stdout(Terminal(sys.stdout)):
        yield
