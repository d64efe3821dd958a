"""Quotes as Markdown in which every sign of a document stays the sign it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .answer import Quote

_SIGNS = re.compile(r"[!-/:-@\[-`{-~]")
_QUIET = frozenset("%\"',/;?")
"""Signs that begin nothing in Markdown, wherever they stand."""
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def as_markdown(answers: Iterable[tuple[str, Sequence[Quote]]]) -> str:
    """Return questions as headings with their quotes below, each with its citation.

    Every ASCII sign that could begin markup is escaped, as CommonMark 0.31, 2.4 allows.
    """
    parts = []
    for question, quotes in answers:
        if question:
            parts.append(f"## {literal(' '.join(question.split()))}")
        for quote in quotes:
            parts.append("\n".join(f"> {line}" for line in literal(quote.highlight).split("\n")))
            parts.append(f"— {literal(quote.citation())}")
    return "\n\n".join(parts)


def literal(text: str) -> str:
    """Escape a text so that Markdown shows it as it is."""
    escaped = _SIGNS.sub(lambda sign: sign[0] if sign[0] in _QUIET else f"\\{sign[0]}", text)
    return _INDENT.sub(lambda space: "".join(f"&#{ord(each)};" for each in space[0]), escaped)
