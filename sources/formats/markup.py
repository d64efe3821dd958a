"""From a tree of HTML elements to blocks; what only helps to get about a site is left out."""

from __future__ import annotations

import re

from lxml import etree

from ..extract import Composer, Kind, Words
from ..headings import Role
from .xml import entity, tag

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS: dict[str, Kind] = {
    "p": "paragraph",
    "li": "item",
    "dd": "paragraph",
    "dt": "paragraph",
    "pre": "paragraph",
    "figcaption": "caption",
    "caption": "caption",
    **dict.fromkeys(_HEADINGS, "heading"),
}
_HOLDERS = {
    "address",
    "article",
    "blockquote",
    "body",
    "center",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "header",
    "hgroup",
    "hr",
    "html",
    "main",
    "ol",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "td",
    "th",
    "ul",
}
_LEFT_OUT = {
    "area",
    "aside",
    "audio",
    "base",
    "button",
    "canvas",
    "datalist",
    "dialog",
    "embed",
    "form",
    "head",
    "iframe",
    "input",
    "link",
    "map",
    "meta",
    "nav",
    "noscript",
    "object",
    "param",
    "progress",
    "script",
    "select",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "track",
    "video",
}
_ROLES_LEFT_OUT = {
    "navigation",
    "banner",
    "contentinfo",
    "complementary",
    "search",
    "menu",
    "alert",
}
_NOTES = {
    "doc-footnote",
    "doc-endnote",
    "doc-endnotes",
    "footnote",
    "footnotes",
    "endnotes",
    "rearnotes",
}
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|sidebar|breadcrumbs?|cookies?|consent|social|share|sharing"
    r"|adverts?|ads|advertisement|related|recommend(?:ed|ations)|comments?|newsletter|skip-link|pagination"
    r"|toolbar)(?:$|[\s_-])",
    re.I,
)
_MAY_BE_NAMED = {"div", "section", "ul", "ol", "header", "footer", "p", "table"}
_SPACE = re.compile(r"\s+")


class MarkupReader:
    """Reads elements into a composer, block by block."""

    def __init__(self, composer: Composer, name: str) -> None:
        self._composer = composer
        self._name = name
        self._parts: list[tuple[str, bool]] = []

    def read(self, node: etree._Element) -> None:
        """Read all that an element holds."""
        self._inside(node, "paragraph")
        self._flush("paragraph")

    def _flush(self, kind: Kind, level: int = 1, role: Role | None = None) -> None:
        self._composer.add(kind, Words.joined(self._parts), level, role)
        self._parts = []

    def _inside(
        self, node: etree._Element, kind: Kind, raised: bool = False, level: int = 1
    ) -> None:
        """Read words and blocks in an element; loose words make blocks of this kind."""
        self._say(node.text, raised)
        for child in node:
            name = tag(child)
            if not name:
                self._say(entity(child, self._name), raised)
            elif _is_note(child):
                self._block(child, "footnote", kind, level)
            elif _is_left_out(child, name):
                pass
            elif name == "br":
                self._say(" ", raised)
            elif name == "table" and _is_data(child):
                self._flush(kind, level)
                self._table(child)
            elif name in _BLOCKS:
                own = _BLOCKS[name]
                self._block(child, own, kind, level)
            elif name in _HOLDERS:
                self._block(child, kind if kind == "footnote" else "paragraph", kind, level)
            else:
                self._inside(child, kind, raised or name == "sup", level)
            self._say(child.tail, raised)

    def _block(self, node: etree._Element, own: Kind, around: Kind, level: int) -> None:
        self._flush(around, level)
        own_level = _HEADINGS.get(tag(node), 1)
        self._inside(node, "footnote" if around == "footnote" else own, level=own_level)
        self._flush("footnote" if around == "footnote" else own, own_level)

    def _table(self, table: etree._Element) -> None:
        for caption in table.iter("{*}caption"):
            self._block(caption, "caption", "paragraph", 1)
        rows = []
        for row in table.iter("{*}tr"):
            cells = []
            for cell in row:
                if tag(cell) in ("td", "th"):
                    self._inline(cell, False)
                    cells.append(Words.joined(self._parts))
                    self._parts = []
            rows.append(cells)
        self._composer.add_table(rows)

    def _inline(self, node: etree._Element, raised: bool) -> None:
        self._say(node.text, raised)
        for child in node:
            name = tag(child)
            if not name:
                self._say(entity(child, self._name), raised)
            elif not _is_left_out(child, name):
                if name in _BLOCKS or name in _HOLDERS or name == "br":
                    self._say(" ", raised)
                self._inline(child, raised or name == "sup")
            self._say(child.tail, raised)

    def _say(self, text: str | None, raised: bool) -> None:
        if text:
            self._parts.append((_SPACE.sub(" ", text), raised))


def _is_left_out(node: etree._Element, name: str) -> bool:
    if name in _LEFT_OUT or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    if node.get("role") in _ROLES_LEFT_OUT or "display:none" in (node.get("style") or "").replace(
        " ", ""
    ):
        return True
    if name in ("header", "footer") and not _holds_heading(node):
        return True
    named = f"{node.get('class') or ''} {node.get('id') or ''}"
    return name in _MAY_BE_NAMED and bool(_NAMED.search(named)) and not _holds_heading(node)


def _holds_heading(node: etree._Element) -> bool:
    return any(tag(each) == "h1" for each in node.iter())


def _is_note(node: etree._Element) -> bool:
    types = (
        f"{node.get('role') or ''} {node.get('{http://www.idpf.org/2007/ops}type') or ''}".split()
    )
    return bool(_NOTES.intersection(types))


def _is_data(table: etree._Element) -> bool:
    """Tell a table of data from one that only arranges the page."""
    if table.get("role") == "presentation" or any(
        each is not table for each in table.iter("{*}table")
    ):
        return False
    return not any(tag(each) in _HEADINGS for each in table.iter())
