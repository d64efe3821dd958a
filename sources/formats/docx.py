"""DOCX: paragraphs with the styles that say what they are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from ..archives import DAMAGED, Archive
from ..errors import SourceError
from ..extract import Composer, Extract, Kind, Words
from ..record import Record
from .xml import parse_xml, tag

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.I)
_NOTES = (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES)
_BREAKS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}
_NOT_HERE = {"txbxContent", "Fallback", "del", "moveFrom", "pPr", "rPr"}


def read_docx(data: bytes, name: str) -> Extract:
    """Read a document of Word; raises SourceError where it is broken."""
    Archive(data, name).check_size()
    try:
        document = docx.Document(io.BytesIO(data))
        return _read(document, name)
    except (
        *DAMAGED,
        *(PackageNotFoundError, etree.XMLSyntaxError),
        *(AttributeError, IndexError, KeyError, TypeError),  # python-docx checks little itself
    ) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"{name}: DOCX 损坏或不完整，请重新获取 / the DOCX is damaged or cut short; get it again"
        ) from None


def _read(document: Document, name: str) -> Extract:
    composer = Composer()
    titles: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            composer.add_table(list(_rows(block)))
            continue
        words = Words.joined(_parts(block._p))
        style = (block.style.name or "") if block.style else ""
        if style == "Title":
            titles.append(words.text)
        kind, level = _kind(block, style)
        composer.add(kind, words, level)
        for box in _boxes(block._p):
            composer.add("paragraph", Words.joined(_parts(box)))
    for note in _notes(document, name):
        composer.add("footnote", note)
    for line in _furniture(document):
        composer.add("furniture", line)
    return composer.extract(_record(document, titles))


def _kind(paragraph: Paragraph, style: str) -> tuple[Kind, int]:
    heading = _HEADING.match(style)
    if heading:
        return "heading", int(heading[1]) or 1
    outline = _outline(paragraph)
    if outline is not None:
        return "heading", outline + 1
    if style in ("Title", "Subtitle", "Author"):
        return "front", 1
    if "caption" in style.lower() or style == "题注":
        return "caption", 1
    if style.lower().startswith("list") or paragraph._p.find(f"{_W}pPr/{_W}numPr") is not None:
        return "item", 1
    return "paragraph", 1


def _outline(paragraph: Paragraph) -> int | None:
    """Return the outline level that a paragraph or its style has, 0 the top; None for body text."""
    level = paragraph._p.find(f"{_W}pPr/{_W}outlineLvl")
    style = paragraph.style
    while level is None and style is not None:
        level = style.element.find(f"{_W}pPr/{_W}outlineLvl")
        style = style.base_style
    value = int(level.get(f"{_W}val", "9")) if level is not None else 9
    return value if value < 9 else None


def _parts(paragraph: etree._Element) -> Iterator[tuple[str, bool]]:
    """Yield a paragraph's words as the finished document has them, and which are superscripts."""
    for node in paragraph:
        name = tag(node)
        if name == "r":
            yield from _run(node)
        elif name not in _NOT_HERE:
            yield from _parts(node)


def _run(run: etree._Element) -> Iterator[tuple[str, bool]]:
    if run.find(f"{_W}rPr/{_W}vanish") is not None:
        return
    align = run.find(f"{_W}rPr/{_W}vertAlign")
    raised = align is not None and align.get(f"{_W}val") == "superscript"
    for node in run:
        name = tag(node)
        if name == "t":
            yield node.text or "", raised
        elif name in _BREAKS:
            yield _BREAKS[name], False


def _boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs of text boxes anchored here, each box once."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(tag(above) == "Fallback" for above in box.iterancestors()):
            yield from box.iter(f"{_W}p")


def _rows(table: Table) -> Iterator[list[Words]]:
    """Yield a table's rows; a cell that spans several stands once."""
    for row in table._tbl.iter(f"{_W}tr"):
        cells = []
        for cell in row.iterchildren(f"{_W}tc"):
            parts: list[tuple[str, bool]] = []
            for paragraph in cell.iter(f"{_W}p"):
                parts += [*_parts(paragraph), (" ", False)]
            cells.append(Words.joined(parts))
        yield cells


def _notes(document: Document, name: str) -> Iterator[Words]:
    for relation in document.part.rels.values():
        if relation.reltype in _NOTES and not relation.is_external:
            root = parse_xml(relation.target_part.blob, f"{name}{relation.target_part.partname}")
            for note in root:
                for paragraph in note.iter(f"{_W}p"):
                    yield Words.joined(_parts(paragraph))


def _furniture(document: Document) -> Iterator[Words]:
    seen = set()
    for section in document.sections:
        for edge in (
            section.header,
            section.footer,
            section.first_page_header,
            section.first_page_footer,
        ):
            for paragraph in edge.paragraphs if not edge.is_linked_to_previous else ():
                words = Words.joined(_parts(paragraph._p))
                if words.text not in seen:
                    seen.add(words.text)
                    yield words


def _record(document: Document, titles: list[str]) -> Record:
    """Return title and authors: of the properties only what the text confirms.

    Word fills them in with the name of whoever has the licence.
    """
    own = document.core_properties
    text = " ".join(paragraph.text for paragraph in document.paragraphs[:30])
    title = titles[0] if len(titles) == 1 else ""
    if not title and len(own.title or "") > 3 and own.title in text:
        title = own.title
    people = [name.strip() for name in re.split(r"[;；,，、]", own.author or "") if name.strip()]
    return Record(
        title=title,
        title_assigned=not title,
        authors=tuple(people) if all(len(each) > 1 and each in text for each in people) else (),
    )
