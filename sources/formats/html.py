"""HTML: the main part of a page, and what its meta tags say of the article."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence

import lxml.html
from lxml import etree

from ..decoding import decode
from ..errors import SourceError
from ..extract import Composer, Extract
from ..record import Record
from .markup import MarkupReader
from .xml import said, tag

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_HEAD = 4096
_YEAR = re.compile(r"(?:19|20)\d\d")


def read_html(data: bytes, name: str) -> Extract:
    """Read a page; raises SourceError where it holds nothing."""
    root = parse_html(decoded(data, name), name)
    composer = Composer()
    MarkupReader(composer, name).read(_main(root))
    return composer.extract(_record(root))


def decoded(data: bytes, name: str) -> str:
    """Return the characters of a page, by the encoding it names itself where that is true."""
    told = _CHARSET.search(data[:_HEAD])
    if told and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = told[1].decode("ascii").lower()
        encoding = "gb18030" if encoding in ("gb2312", "gbk") else encoding
        try:
            text = data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            return decode(data, name)
        return text if "\0" not in text else decode(data, name)
    return decode(data, name)


def parse_html(text: str, name: str) -> etree._Element:
    try:
        return lxml.html.document_fromstring(
            _DECLARED.sub("", text).encode(),
            parser=lxml.html.HTMLParser(no_network=True, encoding="utf-8"),
        )
    except (etree.ParserError, etree.XMLSyntaxError):
        raise SourceError(
            f"{name}: 网页里没有内容，请换一个文件 / the page holds nothing; add another file"
        ) from None


def _main(root: etree._Element) -> etree._Element:
    """Return the one element that says it is the main part, else the whole body."""
    for name in ("main", "article"):
        found = [each for each in root.iter() if tag(each) == name]
        if len(found) == 1:
            return found[0]
    bodies = [each for each in root.iter() if tag(each) == "body"]
    return bodies[0] if bodies else root


def _record(root: etree._Element) -> Record:
    """Read the tags that publishers set for Google Scholar (Highwire Press), else Dublin Core."""
    told: dict[str, list[str]] = {}
    for meta in root.iter("{*}meta"):
        key = (meta.get("name") or meta.get("property") or "").lower()
        content = " ".join((meta.get("content") or "").split())
        if key and content:
            told.setdefault(key, []).append(content)
    headings = [said(each) for each in root.iter("{*}h1")]
    title = _one(told, "citation_title", "dc.title", "og:title")
    if not title and len(headings) == 1:
        title = headings[0]
    first, last = _one(told, "citation_firstpage"), _one(told, "citation_lastpage")
    year = _YEAR.search(_one(told, "citation_publication_date", "citation_date", "dc.date") or "")
    doi = _one(told, "citation_doi", "dc.identifier") or ""
    return Record(
        title=title or "",
        title_assigned=not title,
        authors=tuple(told.get("citation_author") or told.get("dc.creator") or ()),
        journal=_one(told, "citation_journal_title"),
        year=int(year[0]) if year else None,
        volume=_one(told, "citation_volume"),
        issue=_one(told, "citation_issue"),
        pages="-".join(filter(None, (first, last))) or None,
        doi=doi.removeprefix("doi:") if "10." in doi[:8] else None,
    )


def _one(told: Mapping[str, Sequence[str]], *names: str) -> str | None:
    return next((told[name][0] for name in names if name in told), None)
