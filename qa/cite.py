"""Citations of quotes, for reading and for reference managers, and of the works they cite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .answer import Quote
from .place import in_brackets, place
from .works import Item, cited, quoted

STYLES = ("plain", "gbt7714", "apa", "vancouver", "bibtex", "ris", "csl-json")


def cite(quote: Quote, style: str = "plain") -> str:
    """Return the citation of one quote.

    Raises ValueError for a style that `STYLES` does not hold.
    """
    return export([quote], style)


def export(quotes: Sequence[Quote], style: str, cited_too: bool = False) -> str:
    """Return the citations of quotes as one text in a style, those of the works they cite after
    them if asked for; reference managers read the last three styles.

    The plain style shows the entries that quotes cite in any case. Raises ValueError for a style
    that `STYLES` does not hold.
    """
    if style not in STYLES:
        known = ", ".join(STYLES)
        raise ValueError(
            f"{style}: 没有这种格式，可用：{known} / no such style; use one of: {known}"
        )
    if style == "plain":
        return "\n".join(map(_plain, quotes))
    items = quoted(quotes) + (cited(quotes) if cited_too else [])
    return _writers()[style](items)


def _writers() -> Mapping[str, Callable[[Sequence[Item]], str]]:
    """Import what writes each style: no command that exports nothing has to wait for it."""
    from .csl import apa, vancouver
    from .gbt7714 import gbt7714
    from .managers import bibtex, csl_json, ris

    return {
        "gbt7714": gbt7714,
        "apa": apa,
        "vancouver": vancouver,
        "bibtex": bibtex,
        "ris": ris,
        "csl-json": csl_json,
    }


def _plain(quote: Quote) -> str:
    """Say where a quote stands, and under it what each of its markers stands for."""
    return "\n".join([place(quote), *map(_entry, shown_references(quote))])


def shown_references(quote: Quote) -> list[tuple[str, str]]:
    """Return the markers of a quote that have an entry, as readers know them, with its words."""
    text = quote.review.text
    return [
        (in_brackets(marker), " ".join(text[entry.start : entry.end].split()))
        for marker, entry in quote.references
        if entry
    ]


def _entry(shown: tuple[str, str]) -> str:
    return f"{shown[0]} {shown[1]}"
