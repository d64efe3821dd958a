"""EPUB: a zip of web pages, read in the order of its spine."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from lxml import etree

from ..archives import Archive
from ..errors import SourceError
from ..extract import Composer, Extract
from ..record import Record
from .html import decoded, parse_html
from .markup import MarkupReader
from .xml import children, first, parse_xml, said, tag

_CONTAINER = "META-INF/container.xml"
_ENCRYPTED = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def read_epub(data: bytes, name: str) -> Extract:
    """Read a book; raises SourceError where it is broken or protected against copying."""
    archive = Archive(data, name)
    archive.check_size()
    container = parse_xml(archive.read(_CONTAINER), f"{name}/{_CONTAINER}")
    place = next((each.get("full-path") for each in container.iter("{*}rootfile")), None)
    if not place:
        raise SourceError(
            f"{name}: 不是完整的 EPUB，请重新获取 / not a whole EPUB; get the file again"
        )
    package = parse_xml(archive.read(place), f"{name}/{place}")
    composer = Composer()
    for page in _spine(package, posixpath.dirname(place)):
        if page in _protected(archive, name):
            raise SourceError(
                f"{name}: 有版权保护（DRM），读不了 / protected against copying (DRM); it cannot be read"
            )
        MarkupReader(composer, name).read(_body(archive.read(page), f"{name}/{page}"))
    return composer.extract(_record(package))


def _spine(package: etree._Element, folder: str) -> list[str]:
    """Return the pages of a book in reading order; those beside the line are left out."""
    manifest, spine = first(package, "manifest"), first(package, "spine")
    items = {item.get("id"): item for item in (manifest if manifest is not None else ())}
    found = []
    for step in children(spine, "itemref") if spine is not None else ():
        item = items.get(step.get("idref"))
        if item is None or step.get("linear") == "no" or item.get("media-type") not in _PAGES:
            continue
        if "nav" not in (item.get("properties") or "").split():
            found.append(
                posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
            )
    return found


def _protected(archive: Archive, name: str) -> set[str]:
    if _ENCRYPTED not in archive.names:
        return set()
    told = parse_xml(archive.read(_ENCRYPTED), f"{name}/{_ENCRYPTED}")
    return {unquote(each.get("URI") or "") for each in told.iter("{*}CipherReference")}


def _body(data: bytes, name: str) -> etree._Element:
    """Parse a page as the XML it should be, else as the HTML it may be."""
    try:
        root = parse_xml(data, name)
    except SourceError:
        root = parse_html(decoded(data, name), name)
    return next((each for each in root.iter() if tag(each) == "body"), root)


def _record(package: etree._Element) -> Record:
    metadata = first(package, "metadata")
    told: dict[str, list[str]] = {}
    for each in metadata if metadata is not None else ():
        if said(each):
            told.setdefault(tag(each), []).append(said(each))
    title = told.get("title", [""])[0]
    year = _YEAR.search(" ".join(told.get("date", [])))
    doi = _DOI.search(" ".join(told.get("identifier", [])))
    language = told.get("language", [""])[0][:2].lower()
    return Record(
        title=title,
        title_assigned=not title,
        authors=tuple(told.get("creator", ())),
        year=int(year[0]) if year else None,
        doi=doi[0] if doi else None,
        language=language if language in ("zh", "en") else None,
    )
