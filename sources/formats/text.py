"""Plain text and Markdown: the characters as they stand, a form feed between pages."""

from __future__ import annotations

from ..decoding import decode
from ..extract import Extract


def read_text(data: bytes, name: str) -> Extract:
    raw = decode(data, name)
    breaks = [at + 1 for at, char in enumerate(raw) if char == "\f"]
    return Extract(raw, (0, *breaks) if breaks else ())
