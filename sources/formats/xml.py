"""XML from strangers: no entity is resolved, no network is used, no DTD is read."""

from __future__ import annotations

import html
from collections.abc import Iterator

from lxml import etree

from ..errors import SourceError

MAX_DEPTH = 200


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Return the root of an XML document; raises SourceError where it is malformed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise SourceError(
            f"{name}:{line}: XML 有误或不完整，请重新获取 / malformed XML or cut short; get the file again"
        ) from None
    return root


def tag(node: etree._Element) -> str:
    """Return an element's name without its namespace; empty for a comment or an entity."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def entity(node: etree._Element, name: str) -> str:
    """Return the character that an unresolved entity of HTML stands for; nothing for a comment.

    Raises SourceError for an entity that the document defines itself.
    """
    if node.tag is not etree.Entity:
        return ""
    text = str(node.text or "")
    char = html.unescape(text)
    if char == text:
        raise SourceError(
            f"{name}: 含自定义实体 {text[:40]}，为安全起见不读 / defines its own entity {text[:40]}, which is "
            "not read for safety; save it without entities"
        )
    return char


def children(node: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Yield the children of one name, whatever their namespace."""
    return (child for child in node if tag(child) == wanted)


def first(node: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first descendant along a path of names, or None."""
    for step in path:
        node = next(children(node, step), None) if node is not None else None
    return node


def said(node: etree._Element | None) -> str:
    """Return all words in an element, its white space made single; empty for None."""
    if node is None:
        return ""
    return " ".join("".join(map(str, node.itertext(with_tail=False))).split())
