"""Citations in GB/T 7714—2015, numeric.

Our own writer: citeproc-py leaves out `[J]` where a work has no address, puts a space into Chinese
names and writes 等 and `et al.` by one locale for all (`benchmarks/citations.md`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .works import Item, is_whole

_MARKS = {
    "article-journal": "J",
    "book": "M",
    "chapter": "M",
    "thesis": "D",
    "paper-conference": "C",
    "report": "R",
    "standard": "S",
    "patent": "P",
    "article-newspaper": "N",
    "webpage": "EB",
    "dataset": "DB",
    "software": "CP",
    "map": "CM",
}
_IN_PERIODICALS = ("article-journal", "article-newspaper")
MAX_AUTHORS = 3


def gbt7714(items: Sequence[Item]) -> str:
    """Return numbered entries; a work of which too little is known stands as it was printed."""
    return "\n".join(f"[{number}] {_entry(item)}" for number, item in enumerate(items, 1))


def _entry(item: Item) -> str:
    printed = item.get("custom", {}).get("entry")
    if printed and not is_whole(item):
        return " ".join(printed.split())
    online = "/OL" if item.get("URL") else ""
    title = f"{item['title']}[{_MARKS.get(item['type'], 'Z')}{online}]"
    if item["type"] in _IN_PERIODICALS:
        source = _in_periodical(item)
    else:
        if item.get("container-title"):
            title += f"//{item['container-title']}"
        source = _published(item)
    dated = _dates(item)
    parts: list[str | None] = [_authors(item), title, source + dated]
    parts += [item.get("URL"), f"DOI:{item['DOI']}" if item.get("DOI") else None]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _authors(item: Item) -> str:
    names = [_name(name) for name in item.get("author", ())]
    if len(names) > MAX_AUTHORS or (names and item.get("custom", {}).get("et-al")):
        chinese = bool(re.search(r"[\u4e00-\u9fff]", names[0]))
        names = [*names[:MAX_AUTHORS], "等" if chinese else "et al"]
    return ", ".join(names)


def _name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return name["literal"]
    initials = "".join(
        part if part.isupper() and len(part) <= 3 else part[:1]
        for part in re.findall(r"[^\W\d_]+", name.get("given", ""))
    )
    parts = [name["family"].upper(), *initials.upper(), name.get("suffix", "").rstrip(".")]
    return " ".join(filter(None, parts))


def _in_periodical(item: Item) -> str:
    issue = f"({item['issue']})" if item.get("issue") else ""
    year = _date(item.get("issued"), whole=item["type"] == "article-newspaper")
    numbers = f"{item['volume']}{issue}" if item.get("volume") else ""
    if not numbers:
        year += issue
    found = ", ".join(filter(None, [item.get("container-title"), year, numbers]))
    if item["type"] == "article-newspaper":
        return found + (f"({item['page']})" if item.get("page") else "")
    return found + _pages(item)


def _published(item: Item) -> str:
    house = ": ".join(filter(None, [item.get("publisher-place"), item.get("publisher")]))
    whole = item["type"] == "patent"
    year = _date(item.get("issued"), whole) if house or not item.get("URL") else ""
    found = ", ".join(filter(None, [house, year]))
    edition = _edition(item.get("edition"))
    return ". ".join(filter(None, [edition, found])) + (_pages(item) if found else "")


def _edition(edition: str | None) -> str:
    return "" if edition in (None, "1") else f"{edition}版" if edition.isdigit() else edition


def _pages(item: Item) -> str:
    page = item.get("page") or item.get("custom", {}).get("quoted-page")
    return f": {re.sub('[–—−~～]', '-', page)}" if page else ""


def _dates(item: Item) -> str:
    """Return `(date of issue)[date of access]` of what is read online."""
    if not item.get("URL"):
        return ""
    housed = item["type"] in _IN_PERIODICALS or item.get("publisher")
    issued = "" if housed else _date(item.get("issued"), whole=True)
    accessed = _date(item.get("accessed"), whole=True)
    return (f"({issued})" if issued else "") + (f"[{accessed}]" if accessed else "")


def _date(date: Mapping[str, Any] | None, whole: bool = False) -> str:
    if not date:
        return ""
    parts = date["date-parts"][0]
    return "-".join(f"{part:02}" for part in (parts if whole else parts[:1]))
