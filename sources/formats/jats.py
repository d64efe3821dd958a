"""JATS, the XML of PubMed Central and of most publishers: every part of an article has its name."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ..errors import SourceError
from ..extract import Composer, Extract, Kind, Words
from ..headings import Role
from ..record import Record
from .xml import children, entity, first, parse_xml, said, tag

_CAPTIONED = {"fig", "table-wrap", "boxed-text", "supplementary-material", "disp-formula-group"}
_GROUPS = {
    "fig-group",
    "table-wrap-group",
    "floats-group",
    "disp-quote",
    "def-list",
    "def-item",
    "def",
}

_IGNORED = {"tex-math", "alt-text", "long-desc", "object-id"}
_SECTIONS = {"sec", "app", "ack", "app-group", "notes", "glossary"}


def read_jats(data: bytes, name: str) -> Extract:
    """Read one article; raises SourceError for malformed XML or XML of another kind."""
    root = parse_xml(data, name)
    articles = [root] if tag(root) == "article" else list(root.iter("{*}article"))
    if len(articles) != 1:
        raise SourceError(
            f"{name}: 应是一篇 JATS 文章，这里有 {len(articles)} 篇 / should be one JATS article, "
            f"this holds {len(articles)}"
        )
    return _Article(name).read(articles[0])


class _Article:
    def __init__(self, name: str) -> None:
        self._name = name
        self._composer = Composer()

    def read(self, article: etree._Element) -> Extract:
        meta = first(article, "front", "article-meta")
        self._put("front", first(meta, "title-group", "article-title"))
        for abstract in children(meta, "abstract") if meta is not None else ():
            self._section(abstract, 1, "abstract")
        self._walk(first(article, "body"), 0, "body")
        back = first(article, "back")
        for part in back if back is not None else ():
            if tag(part) == "ref-list":
                self._references(part)
            elif tag(part) == "fn-group":
                self._notes(part)
            elif tag(part) in _SECTIONS:
                self._section(part, 1, None)
        self._walk(first(article, "floats-group"), 0, None)
        return self._composer.extract(_record(article, meta))

    def _walk(self, node: etree._Element | None, level: int, role: Role | None) -> None:
        """Read what an element holds, in order; what stands beside its children is a paragraph."""
        for child in node if node is not None else ():
            kind = tag(child)
            if kind in _SECTIONS:
                self._section(child, level + 1, role)
            elif kind == "p":
                self._paragraph(child, level, role)
            elif kind == "list":
                for item in child.iter("{*}list-item"):
                    self._item(item, level, role)
            elif kind in _CAPTIONED:
                self._float(child)
            elif kind in _GROUPS:
                self._walk(child, level, role)
            elif kind == "fn-group":
                self._notes(child)
            elif kind == "ref-list":
                self._references(child)

    def _section(self, section: etree._Element, level: int, role: Role | None) -> None:
        title = first(section, "title")
        words = self._words(title) if title is not None else Words("")
        label = said(first(section, "label"))
        if title is not None and label and words.text:
            words = Words.joined([(f"{label} ", False), *self._parts(title)])
        self._composer.add("heading", words, level, role)
        self._walk(section, level, role)

    def _paragraph(self, node: etree._Element, level: int, role: Role | None) -> None:
        """Read a paragraph; floats, lists and footnotes inside it come after it."""
        inside = [child for child in node if tag(child) in _CAPTIONED | {"list", "fn"}]
        self._composer.add("paragraph", Words.joined(self._parts(node, {"list"})), role=role)
        for child in inside:
            if tag(child) == "list":
                for item in child.iter("{*}list-item"):
                    self._item(item, level, role)
            elif tag(child) == "fn":
                self._put("footnote", child)
            else:
                self._float(child)

    def _item(self, item: etree._Element, level: int, role: Role | None) -> None:
        for child in item:
            if tag(child) == "p":
                self._composer.add("item", self._words(child), level, role)

    def _float(self, node: etree._Element) -> None:
        label, caption = first(node, "label"), first(node, "caption")
        parts = [(f"{said(label)} ", False)] if label is not None else []
        for at, block in enumerate(caption if caption is not None else ()):
            parts += [(" ", False)] if at else []
            parts += self._parts(block)
        self._composer.add("caption", Words.joined(parts))
        for table in node.iter("{*}table"):
            self._composer.add_table(
                [
                    [self._words(cell) for cell in row if tag(cell) in ("td", "th")]
                    for row in table.iter("{*}tr")
                ]
            )
        for note in node.iter("{*}table-wrap-foot"):
            self._put("footnote", note)

    def _notes(self, group: etree._Element) -> None:
        for note in group.iter("{*}fn"):
            self._put("footnote", note)

    def _references(self, listed: etree._Element) -> None:
        title = first(listed, "title")
        words = self._words(title) if title is not None else Words("")
        self._composer.add("heading", words, 1, "references")
        for number, entry in enumerate(listed.iter("{*}ref"), 1):
            label = said(first(entry, "label")).strip("[]. ") or str(number)
            cited = next((c for c in entry if tag(c) in _CITATIONS), None)
            shown = _cited(cited) if cited is not None else ""
            self._composer.add("entry", Words(f"[{label}] {shown}" if shown else ""))

    def _put(self, kind: Kind, node: etree._Element | None) -> None:
        if node is not None:
            self._composer.add(kind, self._words(node))

    def _words(self, node: etree._Element) -> Words:
        return Words.joined(self._parts(node))

    def _parts(
        self, node: etree._Element, without: set[str] | frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, bool]]:
        """Yield the words in an element, and which of them are superscripts."""
        left_out = _IGNORED | _CAPTIONED | without | {"fn"}
        yield from self._inside(node, False, left_out)

    def _inside(
        self, node: etree._Element, raised: bool, without: set[str] | frozenset[str]
    ) -> Iterator[tuple[str, bool]]:
        yield _single(node.text), raised
        for child in node:
            name = tag(child)
            if not name:
                yield entity(child, self._name), raised
            elif name == "break":
                yield " ", raised
            elif name not in without:
                yield from self._inside(child, raised or name == "sup", without)
            yield _single(child.tail), raised


_CITATIONS = {"mixed-citation", "element-citation", "citation", "nlm-citation"}


def _single(text: str | None) -> str:
    """Make white space single: line ends and indents are the file's, not the article's."""
    if not text:
        return ""
    words = " ".join(text.split())
    if not words:
        return " "
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")


def _cited(citation: etree._Element) -> str:
    """Return an entry as it is written, or its parts in the usual order where it is all parts."""
    if tag(citation) == "mixed-citation" or (citation.text or "").strip():
        return said(citation)
    people = [
        " ".join(filter(None, (said(first(name, "surname")), said(first(name, "given-names")))))
        for name in citation.iter("{*}name")
    ]
    names = ("article-title", "source", "year", "volume", "issue", "fpage", "lpage", "pub-id")
    told = {name: said(first(citation, name)) for name in names}
    pages = "-".join(filter(None, (told["fpage"], told["lpage"])))
    issue = f"({told['issue']})" if told["issue"] else ""
    place = f"{told['year']};{told['volume']}{issue}:{pages}".strip(":;")
    return ". ".join(
        filter(None, (", ".join(people), told["article-title"], told["source"], place))
    )


def _record(article: etree._Element, meta: etree._Element | None) -> Record:
    journal = first(article, "front", "journal-meta")
    named = first(journal, "journal-title-group", "journal-title")
    if named is None:
        named = first(journal, "journal-title")
    title = said(first(meta, "title-group", "article-title"))
    year = next(
        (
            said(first(date, "year"))
            for date in (meta if meta is not None else ())
            if tag(date) == "pub-date"
        ),
        "",
    )
    ids = {
        each.get("pub-id-type"): said(each)
        for each in (meta if meta is not None else ())
        if tag(each) == "article-id"
    }
    first_page, last_page = said(first(meta, "fpage")), said(first(meta, "lpage"))
    language = (article.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2].lower()
    return Record(
        title=title,
        title_assigned=not title,
        authors=tuple(_authors(meta)),
        journal=said(named) or None,
        year=int(year) if year.isdecimal() else None,
        volume=said(first(meta, "volume")) or None,
        issue=said(first(meta, "issue")) or None,
        pages="-".join(filter(None, (first_page, last_page)))
        or said(first(meta, "elocation-id"))
        or None,
        doi=ids.get("doi"),
        language=language if language in ("zh", "en") else None,
    )


def _authors(meta: etree._Element | None) -> Iterator[str]:
    for group in children(meta, "contrib-group") if meta is not None else ():
        for person in children(group, "contrib"):
            name = first(person, "name")
            if name is None:
                name = first(person, "name-alternatives", "name")
            if person.get("contrib-type", "author") != "author":
                continue
            if name is None:
                together = said(first(person, "collab"))
                if together:
                    yield together
                continue
            family, given = said(first(name, "surname")), said(first(name, "given-names"))
            eastern = name.get("name-style") == "eastern"
            yield family + given if eastern else " ".join(filter(None, (given, family)))
