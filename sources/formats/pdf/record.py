"""The publication record of a PDF: what its metadata says and its first page confirms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...record import Record
from .glyphs import Run, Sheet

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>，。；）]+", re.I)
_CHINESE_ISSUE = re.compile(
    r"(?P<journal>[\u4e00-\u9fff]{2,24}?)\s*(?P<year>(?:19|20)\d\d)\s*年\s*(?:\d{1,2}\s*月\s*)?"
    r"第\s*(?P<volume>\d+)\s*卷\s*第\s*(?P<issue>\d+)\s*期"
)
_ISSUE = re.compile(
    r"(?P<journal>[A-Z][A-Za-z&.\- ]{3,60}?)[.,]?\s*(?P<year>(?:19|20)\d\d)\s*[;,]\s*(?:Vol\.?\s*)?"
    r"(?P<volume>\d{1,4})\s*(?:\((?P<issue>[\w\-]{1,8})\)|,\s*No\.?\s*(?P<no>\d+))"
    r"(?:\s*[:：]\s*(?P<pages>\w{1,8}(?:\s*[-–—]\s*\w{1,8})?))?"
)


def record_of(
    metadata: Mapping[str, str], title: str | None, first: Sheet, margin: Sequence[Run]
) -> Record:
    """Return what is sure: metadata whose words stand on the first page, and what it names once.

    `title` is the largest text of the first page, None where nothing stands out.
    """
    first_page = "\n".join(run.text for run in first.runs)
    told = metadata.get("Title", "").strip()
    if not _stands_in(told, first_page):
        told = title or ""
    authors = _authors(metadata.get("Author", ""), first_page)
    issue = _issue(margin)
    return Record(
        title=" ".join(told.split()),
        title_assigned=not told,
        authors=authors,
        journal=issue.get("journal"),
        year=int(issue["year"]) if "year" in issue else None,
        volume=issue.get("volume"),
        issue=issue.get("issue") or issue.get("no"),
        pages=issue.get("pages"),
        doi=_doi(first_page),
    )


def _stands_in(words: str, page: str) -> bool:
    bare = _bare(words)
    return len(bare) >= 4 and bare in _bare(page)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _authors(told: str, first_page: str) -> tuple[str, ...]:
    """Return the metadata's authors if every one of them is named on the first page."""
    names = [name.strip() for name in re.split(r"[;；,，、]|\band\b", told) if name.strip()]
    page = _bare(first_page)
    return tuple(names) if all(len(_bare(n)) > 1 and _bare(n) in page for n in names) else ()


def _doi(first_page: str) -> str | None:
    """Return the DOI if the page names just one."""
    found = {doi.rstrip(".,;)").lower(): doi.rstrip(".,;)") for doi in _DOI.findall(first_page)}
    return next(iter(found.values())) if len(found) == 1 else None


def _issue(margin: Sequence[Run]) -> dict[str, str]:
    """Return journal, year, volume, issue and pages from the one running head that names them all."""
    found = [
        {name: value for name, value in match.groupdict().items() if value}
        for run in margin
        for pattern in (_CHINESE_ISSUE, _ISSUE)
        for match in [pattern.search(run.text)]
        if match
    ]
    return found[0] if len(found) == 1 else {}
