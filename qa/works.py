"""Works as CSL-JSON items: the reviews that quotes come from, and the works that quotes cite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sources import Reference, as_name, language

from .answer import Quote
from .place import place

Item = dict[str, Any]
"""A CSL-JSON item; `custom` holds `et-al` where not every author is known, `entry`, a cited work as
its citing review prints it, and `quoted-page`, the number printed on the page of the quote, or else
its place in the file."""


def quoted(quotes: Sequence[Quote]) -> list[Item]:
    """Return the review of each quote, the quoted words and their place in `note`."""
    return [_review(f"{quote.review.id}-{at}", quote) for at, quote in enumerate(quotes, 1)]


def cited(quotes: Sequence[Quote]) -> list[Item]:
    """Return each work that quotes cite, once, with the words that cite it in `note`.

    Markers without an entry in their review's bibliography are left out.
    """
    found: dict[str, Item] = {}
    for quote in quotes:
        for _, reference in quote.references:
            if reference:
                item = _cited(quote, reference)
                known = found.setdefault(item["id"], item)
                if known is not item:
                    known["note"] += f"\n{_note(quote)}"
    return list(found.values())


def is_whole(item: Item) -> bool:
    """Tell whether enough is known of a work to write its citation anew."""
    needed = ["type", "title", "issued"]
    if item.get("type") == "article-journal":
        needed.append("container-title")
    return all(item.get(key) for key in needed)


def _review(id: str, quote: Quote) -> Item:
    record = quote.review.record
    page = quote.page_label or (str(quote.page) if quote.page else None)
    item = {
        "id": id,
        "type": "article-journal" if record.journal else "document",
        "title": _one_line(record.title),
        "author": [as_name(_one_line(author)) for author in record.authors],
        "container-title": _one_line(record.journal),
        "issued": {"date-parts": [[record.year]]} if record.year else None,
        "volume": _one_line(record.volume),
        "issue": _one_line(record.issue),
        "page": _one_line(record.pages),
        "DOI": _one_line(record.doi),
        "language": quote.review.language,
        "custom": {"quoted-page": page} if page else None,
        "note": _note(quote),
    }
    return {key: value for key, value in item.items() if value}


def _cited(quote: Quote, reference: Reference) -> Item:
    review = quote.review
    entry = review.text[reference.start : reference.end]
    name = reference.marker or review.references.index(reference) + 1
    item: Item = {"id": f"{review.id}-ref{name}", "type": "document", **reference.csl}
    return {
        **item,
        "language": language(entry),
        "custom": {**reference.csl.get("custom", {}), "entry": entry},
        "note": _note(quote),
    }


def _one_line(text: str | None) -> str:
    """A title may be a file's name, which may hold line breaks: no entry begins within one."""
    return " ".join((text or "").split())


def _note(quote: Quote) -> str:
    return f"{quote.highlight} ({place(quote)})"
