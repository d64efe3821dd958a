"""Where a quote stands, in words."""

from __future__ import annotations

from sources import Review

from .answer import Quote


def place(quote: Quote) -> str:
    """Say where a quote stands: title, journal, section, page or lines, markers."""
    review, chinese = quote.review, quote.review.language == "zh"
    title = f"《{review.title}》" if chinese else f"“{review.title}”"
    first, last = quote.highlights[0].line, quote.highlights[-1].line_end
    if first == last:
        lines = f"第{first}行" if chinese else f"line {first}"
    else:
        lines = f"第{first}—{last}行" if chinese else f"lines {first}–{last}"
    page = _page(quote, chinese)
    marked = " ".join(map(in_brackets, quote.markers)).replace("] [", "][")
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


def in_brackets(marker: int | str) -> str:
    """Return a marker as readers know it: `[13]`, `(Smith, 2019)`."""
    if isinstance(marker, int):
        return f"[{marker}]"
    return marker if marker.endswith((")", "）", "]")) else f"({marker})"


def _issue(review: Review) -> str:
    """Return `journal, year, volume(issue)` as far as it is known."""
    record = review.record
    number = (record.volume or "") + (f"({record.issue})" if record.issue else "")
    year = str(record.year) if record.year else None
    return ", ".join(filter(None, [record.journal, year, number]))
