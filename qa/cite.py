"""Citations of quotes: for reading, and for reference managers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from sources import Record, Review

from .answer import Quote

_BIBTEX_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        **{char: "\\" + char for char in "{}&%$#_"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def cite(quote: Quote, style: str = "plain") -> str:
    """Return the citation of one quote.

    Raises ValueError for a style that `STYLES` does not hold.
    """
    return export([quote], style)


def export(quotes: Sequence[Quote], style: str) -> str:
    """Return the citations of quotes as one text in a style; reference managers read all but two.

    Raises ValueError for a style that `STYLES` does not hold.
    """
    if style not in STYLES:
        known = ", ".join(STYLES)
        raise ValueError(
            f"{style}: 没有这种格式，可用：{known} / no such style; use one of: {known}"
        )
    return STYLES[style](quotes)


def _plain(quotes: Sequence[Quote]) -> str:
    return "\n".join(map(_place, quotes))


def _place(quote: Quote) -> str:
    """Say where a quote stands: title, journal, section, page or lines, markers."""
    review, chinese = quote.review, quote.review.language == "zh"
    title = f"《{review.title}》" if chinese else f"“{review.title}”"
    first, last = quote.highlights[0].line, quote.highlights[-1].line_end
    if first == last:
        lines = f"第{first}行" if chinese else f"line {first}"
    else:
        lines = f"第{first}—{last}行" if chinese else f"lines {first}–{last}"
    page = _page(quote, chinese)
    marked = "".join(f"[{marker}]" for marker in quote.markers)
    places = [" › ".join((title, *review.section_path(quote.section))), _issue(review), page, lines]
    return ("，" if chinese else ", ").join(filter(None, places)) + (f" {marked}" if marked else "")


def _page(quote: Quote, chinese: bool) -> str:
    """Say the page by the number printed on it, and by its place in the file where they differ."""
    if quote.page is None:
        return ""
    label = quote.page_label or str(quote.page)
    place = ""
    if label != str(quote.page):
        place = f"（文件第{quote.page}页）" if chinese else f" (page {quote.page} of the file)"
    return (f"第{label}页" if chinese else f"p. {label}") + place


def _issue(review: Review) -> str:
    """Return `journal, year, volume(issue)` as far as it is known."""
    record = review.record
    number = (record.volume or "") + (f"({record.issue})" if record.issue else "")
    known = [record.journal, _year(record), number]
    return ", ".join(filter(None, known))


def _year(record: Record) -> str | None:
    return str(record.year) if record.year else None


def _gbt7714(quotes: Sequence[Quote]) -> str:
    return "\n".join(f"[{number}] {_entry(quote)}" for number, quote in enumerate(quotes, 1))


def _entry(quote: Quote) -> str:
    """Return a GB/T 7714—2015 entry; what is not known is left out."""
    record = quote.review.record
    kind = "[J]" if record.journal else "[Z]"
    own = quote.page_label or quote.page
    pages = f": {record.pages or own}" if record.pages or own else ""
    parts = [", ".join(record.authors), f"{record.title}{kind}", _issue(quote.review) + pages]
    doi = f". DOI:{record.doi}" if record.doi else ""
    return ". ".join(filter(None, parts)) + doi + "."


def csl(quotes: Sequence[Quote]) -> list[dict[str, Any]]:
    """Return quotes as CSL-JSON items, the quoted words and their place in `note`."""
    return [_csl_item(number, quote) for number, quote in enumerate(quotes, 1)]


def _csl_item(number: int, quote: Quote) -> dict[str, Any]:
    record = quote.review.record
    item = {
        "id": f"{quote.review.id}-{number}",
        "type": "article-journal" if record.journal else "document",
        "title": record.title,
        "author": [{"literal": author} for author in record.authors],
        "container-title": record.journal,
        "issued": {"date-parts": [[record.year]]} if record.year else None,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "DOI": record.doi,
        "language": quote.review.language,
        "note": _note(quote),
    }
    return {key: value for key, value in item.items() if value}


def _note(quote: Quote) -> str:
    return f"{quote.highlight} ({_place(quote)})"


def _csl_json(quotes: Sequence[Quote]) -> str:
    return json.dumps(csl(quotes), ensure_ascii=False, indent=2)


def _ris(quotes: Sequence[Quote]) -> str:
    entries = []
    for quote in quotes:
        record = quote.review.record
        entry = {
            "type_of_reference": "JOUR" if record.journal else "GEN",
            "title": record.title,
            "authors": list(record.authors),
            "journal_name": record.journal,
            "year": _year(record),
            "volume": record.volume,
            "number": record.issue,
            "start_page": record.pages,
            "doi": record.doi,
            "language": quote.review.language,
            "notes": [" ".join(_note(quote).split("\n"))],
        }
        entries.append({key: value for key, value in entry.items() if value})
    return str(rispy.dumps(entries)).strip()


def _bibtex(quotes: Sequence[Quote]) -> str:
    library = Library()
    for number, quote in enumerate(quotes, 1):
        record = quote.review.record
        fields = {
            "title": record.title,
            "author": " and ".join(f"{{{author}}}" for author in record.authors),
            "journal": record.journal,
            "year": _year(record),
            "volume": record.volume,
            "number": record.issue,
            "pages": record.pages,
            "doi": record.doi,
            "note": _note(quote),
        }
        kind = "article" if record.journal else "misc"
        library.add(Entry(kind, f"{quote.review.id}-{number}", _bibtex_fields(fields)))
    return str(write_string(library)).strip()


def _bibtex_fields(fields: Mapping[str, str | None]) -> list[Field]:
    return [
        Field(name, value if name == "author" else value.translate(_BIBTEX_ESCAPES))
        for name, value in fields.items()
        if value
    ]


STYLES: Mapping[str, Callable[[Sequence[Quote]], str]] = {
    "plain": _plain,
    "gbt7714": _gbt7714,
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl_json,
}
