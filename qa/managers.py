"""Works for reference managers: BibTeX, RIS, CSL-JSON. No text can break out of its field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from .works import Item

_BIBTEX_TYPES = {
    "article-journal": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
_RIS_TYPES = {
    "article-journal": "JOUR",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "paper-conference": "CONF",
    "report": "RPRT",
    "thesis": "THES",
    "standard": "STAND",
    "patent": "PAT",
    "webpage": "ELEC",
    "dataset": "DATA",
    "software": "COMP",
    "map": "MAP",
}
# BibTeX counts braces even behind a backslash, so that a brace of the text must not be one here;
# and to parsers `@word(` opens an entry wherever it stands.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        **{char: "\\" + char for char in "&%$#_"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "@": "{@}",
    }
)
_VERBATIM = str.maketrans({char: f"%{ord(char):02X}" for char in "\\{} "})


def csl_json(items: Sequence[Item]) -> str:
    return json.dumps(items, ensure_ascii=False, indent=2)


def bibtex(items: Sequence[Item]) -> str:
    library = Library()
    for item in items:
        kind = _BIBTEX_TYPES.get(item["type"], "misc")
        key = re.sub(r"[^\w\-]", "-", item["id"])
        library.add(Entry(kind, key, _bibtex_fields(item, kind)))
    return str(write_string(library)).strip()


def _bibtex_fields(item: Item, kind: str) -> list[Field]:
    container = "journal" if kind == "article" else "booktitle"
    publisher = {"phdthesis": "school", "techreport": "institution"}.get(kind, "publisher")
    texts = {
        "title": item.get("title"),
        container: item.get("container-title"),
        "year": _year(item),
        "volume": item.get("volume"),
        "number": item.get("issue"),
        "pages": item.get("page"),
        "edition": item.get("edition"),
        publisher: item.get("publisher"),
        "address": item.get("publisher-place"),
        "language": item.get("language"),
        "note": _note(item),
    }
    verbatim = {"doi": item.get("DOI"), "url": item.get("URL")}
    fields = {name: _one_line(text).translate(_LATEX) for name, text in texts.items() if text}
    fields |= {
        name: _one_line(text).translate(_VERBATIM) for name, text in verbatim.items() if text
    }
    if authors := [_bibtex_name(name) for name in item.get("author", ())]:
        others = ["others"] if item.get("custom", {}).get("et-al") else []
        fields["author"] = " and ".join(authors + others)
    return [Field(name, value) for name, value in fields.items()]


def _bibtex_name(name: Mapping[str, str]) -> str:
    parts = {key: _one_line(part).translate(_LATEX) for key, part in name.items()}
    if "literal" in parts:
        return f"{{{parts['literal']}}}"
    return ", ".join(
        f"{{{part}}}" if "," in part or " and " in part else part
        for key in ("family", "suffix", "given")
        if (part := parts.get(key))
    )


def ris(items: Sequence[Item]) -> str:
    return str(rispy.dumps([_ris(item) for item in items])).rstrip("\n")


def _ris(item: Item) -> dict[str, str | list[str]]:
    first, _, last = re.sub("[–—−~～]", "-", item.get("page", "")).partition("-")
    texts = {
        "title": item.get("title"),
        "secondary_title": item.get("container-title"),
        "year": _year(item),
        "volume": item.get("volume"),
        "number": item.get("issue"),
        "start_page": first,
        "end_page": last,
        "edition": item.get("edition"),
        "publisher": item.get("publisher"),
        "place_published": item.get("publisher-place"),
        "doi": item.get("DOI"),
        "language": item.get("language"),
    }
    entry: dict[str, str | list[str]] = {"type_of_reference": _RIS_TYPES.get(item["type"], "GEN")}
    entry |= {name: _one_line(text) for name, text in texts.items() if text}
    if authors := [_ris_name(name) for name in item.get("author", ())]:
        entry["authors"] = authors
    if url := item.get("URL"):
        entry["urls"] = [_one_line(url)]
    return {**entry, "notes": [_one_line(_note(item))]}


def _ris_name(name: Mapping[str, str]) -> str:
    parts = (name.get(key) for key in ("literal", "family", "given", "suffix"))
    return ", ".join(_one_line(part) for part in parts if part)


def _note(item: Item) -> str:
    """Return the note, opened by the entry as printed where the work is a cited one."""
    return " — ".join(filter(None, [item.get("custom", {}).get("entry"), item.get("note")]))


def _year(item: Item) -> str | None:
    return str(item["issued"]["date-parts"][0][0]) if item.get("issued") else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
