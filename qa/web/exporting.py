"""Quotes of a conversation as one file, each read again from the library by its receipt."""

from __future__ import annotations

from typing import Any

from .. import cite
from ..markdown import as_markdown
from ..verify import Verifier
from .opening import TOLD, Loader

SUFFIXES = {
    "gbt7714": "txt",
    "apa": "txt",
    "vancouver": "txt",
    "bibtex": "bib",
    "ris": "ris",
    "markdown": "md",
}
"""The styles that the page offers, with the suffix of their files."""

Json = dict[str, Any]


def export(loader: Loader, asked: Any) -> Json:
    """Return the quotes of `turns`, each a `question` with its `quotes`, as one text in a `style`."""
    asked = asked if isinstance(asked, dict) else {}
    style, turns = asked.get("style"), asked.get("turns")
    readable = isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns)
    if not isinstance(style, str) or style not in SUFFIXES or not readable:
        return {"error": {"told": "failed"}}
    try:
        verifier = Verifier(loader.assistant().library)
        read = [
            (
                str(turn.get("question")),
                list(verifier.quotes({"quotes": turn.get("quotes"), "nearest": []})),
            )
            for turn in turns or ()
        ]
    except TOLD as error:
        return {"error": {"text": str(error)}}
    if style == "markdown":
        text = as_markdown(read)
    else:
        text = cite.export([quote for _, quotes in read for quote in quotes], style)
    return {"text": text, "suffix": SUFFIXES[style]}
