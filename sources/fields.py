"""What can be read off one bibliography entry for certain, as CSL-JSON."""

from __future__ import annotations

import re
from typing import Any

from .characters import usual_form
from .names import Name, Names, read_names

_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}/[^\s，。；、\u4e00-\u9fff]+")
_URL = re.compile(r"https?://[^\s，。；\u4e00-\u9fff]+", re.I)
_AFTERMATH = re.compile(
    r"(?:\bdoi\s*[:：.]?\s*|https?://|www\.|\bPMID\b|\bPMCID\b|(?<![\d.])10\.\d{4,9}/|\bEpub\b|\bAvailable (?:from|at)\b|\bRetrieved\b)",
    re.I,
)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?P<suffix>[a-z])?"
_AFTER_NAMES = re.compile(
    rf"\s*[.．。,，]?\s*(?:(?P<open>[(（])\s*)?{_YEAR}"
    r"(?(open)[^()（）\d]{0,16}\d{0,2}\s*[)）]|(?![\d(（\-–]))\s*[.．。,，:：]?\s*"
)
_NO_DATE = re.compile(
    r"\s*[.．。,，]?\s*[(（]\s*(?P<year>n\.d\.|in press)\s*[)）]\s*[.,]?\s*", re.I
)
_TAG = re.compile(
    r"\s*[\[【]\s*(?P<kind>[JMDCSPRNGAZ]|EB|DB|CP|CM|DS)\s*(?:/\s*(?P<carrier>OL|CD|DK|MT))?\s*[\]】]\s*"
)
_KINDS = {
    "J": "article-journal",
    "M": "book",
    "D": "thesis",
    "C": "paper-conference",
    "S": "standard",
    "P": "patent",
    "R": "report",
    "N": "article-newspaper",
    "G": "book",
    "EB": "webpage",
    "DB": "dataset",
    "DS": "dataset",
    "CP": "software",
    "CM": "map",
    "A": "chapter",
    "Z": "document",
}
_PAGE = r"[A-Za-z]{0,3}\d+(?:\s*[-–—−~～]\s*[A-Za-z]{0,3}\d+)?(?:\s*[,，+]\s*[A-Za-z]?\d+(?:\s*[-–—−]\s*[A-Za-z]?\d+)?)*"
_PAGES = rf"(?P<page>{_PAGE})"
_VOLUME = r"(?P<volume>[A-Z]?\d{1,5}[A-Z]?)"
_ISSUE = r"(?:[(（]\s*(?P<issue>[^()（）]{1,24}?)\s*[)）])"
_MONTH = (
    r"(?:\s*(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?(?:\s*\d{1,2})?)?"
)
_END = r"\s*(?:[.。;；,，]|[(（\[]|$)"
_DATE = r"(?P<date>(?:19|20)\d\d-\d{1,2}-\d{1,2})"
_AFTER_TAG = re.compile(
    rf"[.．。:：,，]?\s*(?P<container>.+?)\s*[,，.．]\s*{_YEAR}\s*"
    rf"(?:(?:[,，;；]\s*{_VOLUME}?\s*)?{_ISSUE}?\s*)?(?:[:：,，]\s*{_PAGES})?{_END}"
)
_DATED_TAG = re.compile(
    rf"[.．。:：,，]?\s*(?P<container>.+?)\s*[,，]\s*{_VOLUME}?\s*{_ISSUE}?\s*[:：,，]\s*{_PAGES}{_END}"
)
_PUBLISHED = re.compile(
    r"(?://\s*(?P<container>[^.。]+)[.。]\s*)?[.．。]?\s*"
    r"(?:(?P<edition>第?\s*\d+\s*版|修订[本版]|\d+(?:st|nd|rd|th)\s+ed(?:ition)?\.?)\s*[.,，]?\s*)?"
    r"(?P<place>[^:：,，.。\d]{1,40}?|[A-Z][A-Za-z .,]{1,60}?)\s*[:：]\s*(?P<publisher>[^,，:：;；]{2,80}?)"
    rf"\s*[,，;；]\s*{_YEAR}(?:\s*[:：]\s*{_PAGES})?{_END}"
)
_DEFENDED = re.compile(
    r"[.．。]?\s*(?:(?P<place>[^:：,，.。\d]{1,20})[:：]\s*)?(?P<publisher>[^,，:：。]{2,60})[,，]\s*"
    rf"{_YEAR}(?:\s*[:：]\s*{_PAGES})?"
)
_IN_NEWSPAPER = re.compile(
    rf"[.．。:：]?\s*(?P<container>[^,，]{{2,60}}?)\s*[,，]\s*{_DATE}(?:\s*[(（](?P<page>\w+)[)）])?"
)
_GRANTED = re.compile(rf"[.．。]?\s*{_DATE}")
_DATES = re.compile(
    r"[(（]\s*(?P<issued>(?:19|20)\d\d(?:-\d{1,2}){0,2})\s*[)）]|[\[]\s*(?P<accessed>(?:19|20)\d\d(?:-\d{1,2}){0,2})\s*[\]]"
)
_TAILS = tuple(
    re.compile(pattern)
    for pattern in (
        # Vancouver: Container. 2019 Mar;34(2):123-30
        rf"(?P<head>.+?[^\s])[.,，]?\s+{_YEAR}{_MONTH}\s*[;；,，]\s*{_VOLUME}\s*(?:[ ]?(?:Suppl\.?|Pt)\s*\w*)?\s*{_ISSUE}?\s*[:：,，]\s*{_PAGES}{_END}",
        # 2019: (year) vol(issue): pages, after the authors' year: APA, Springer, Chicago
        rf"(?P<head>.+?[^\s,，.])[,，.]?\s+{_VOLUME}\s*{_ISSUE}?\s*[:：,，]\s*{_PAGES}{_END}",
        # Elsevier: Title, Container 34 (2019) 123-130
        rf"(?P<head>.+?[^\s,，.])\.?[,，]?\s+{_VOLUME}\s*{_ISSUE}?\s*[(（]{_YEAR}[)）]\s*{_PAGES}{_END}",
        # Nature: Title. Container 34, 123-130 (2019)
        rf"(?P<head>.+?[^\s,，.])\.?[,，]?\s+{_VOLUME}\s*{_ISSUE}?\s*[,，]\s*{_PAGES}\s*[(（]{_YEAR}[)）]{_END}",
        # IEEE: "Title," Container, vol. 34, no. 2, pp. 123-130, 2019
        rf"(?P<head>.+?),\s+vol\.\s*{_VOLUME},(?:\s*no\.\s*(?P<issue>\w+),)?\s*pp?\.\s*{_PAGES},{_MONTH}\s*{_YEAR}{_END}",
    )
)
_BOOK = re.compile(
    r"(?P<head>.+?)\.\s+(?:(?P<edition>\d+(?:st|nd|rd|th) ed)\.\s+)?(?P<place>[A-Z][\w .,]{1,40}):\s*"
    rf"(?P<publisher>[A-Z][^:;]{{1,80}});\s*{_YEAR}{_END}"
)
_CHAPTER = re.compile(r"(?P<title>[^.]+?)\s*[.,]\s+In:?\s+(?=[A-Z])")
_JOURNAL_WORD = re.compile(
    r"(?:J|Am|Int|Eur|Br|Clin|Res|Med|Sci|Proc|Natl|Acad|Ann|Arch|Exp|Rev|Nat|Curr|Opin|Endocrinol|Metab|Biol|Chem|Physiol"
    r"|Pharmacol|Nutr|Surg|Rheum|Osteoporos|Calcif|Miner|Mol|Dis|Soc|Assoc|Acta|Adv|Trends|Cell|Chin|Jpn|Can|Front)\.?"
)


def read_fields(text: str) -> dict[str, Any]:
    """Return what an entry says for certain, as one CSL-JSON item without id; what is unsure is
    left out.

    Reads GB/T 7714, Vancouver, APA and their everyday variants, with or without `[J]`. `custom`
    holds `{"et-al": true}` where the entry does not name every author.
    """
    return _Entry("".join(map(usual_form, text)).replace("\n", " ")).read()


class _Entry:
    """One entry on its way: what was read so far, and what is left to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.item: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        self._identifiers()
        aftermath = _AFTERMATH.search(self.text)
        body = self.text[: aftermath.start()] if aftermath else self.text
        names = read_names(body)
        at = names.end if names else 0
        if names:
            self._authors(names)
            dated = _AFTER_NAMES.match(body, at) or _NO_DATE.match(body, at)
            if dated:
                at = dated.end()
                self._year(dated)
        tag = _TAG.search(body, at)
        if tag:
            self._tagged(body, at, tag, names is not None)
        else:
            self._untagged(body, at)
        if "issued" not in self.item:
            self._lone_year(body)
        order = ("type", "author", "title", "container-title", "issued", "year-suffix")
        item = {key: self.item[key] for key in order if key in self.item}
        return {**item, **{key: value for key, value in self.item.items() if key not in item}}

    def _identifiers(self) -> None:
        if found := _DOI.search(self.text):
            doi = found[0].rstrip(".,;:)]}>”\"'")
            if doi.count("(") > doi.count(")"):
                doi += found[0][len(doi) : len(doi) + 1] if found[0][len(doi) :][:1] == ")" else ""
            self.item["DOI"] = doi
        if (found := _URL.search(self.text)) and "doi.org/" not in found[0].lower():
            self.item["URL"] = found[0].rstrip(".,;)]")

    def _authors(self, names: Names) -> None:
        authors: list[Name] = list(names.names)
        self.item["author"] = authors
        if names.others:
            self.item["custom"] = {"et-al": True}

    def _year(self, found: re.Match[str]) -> None:
        parts = found.groupdict()
        year = parts.get("year") or found.group(found.lastindex or 0)
        if year and year.isdigit() and "issued" not in self.item:
            self.item["issued"] = {"date-parts": [[int(year)]]}
            if parts.get("suffix"):
                self.item["year-suffix"] = parts["suffix"]

    def _date(self, key: str, date: str) -> None:
        self.item[key] = {"date-parts": [[int(part) for part in date.split("-")]]}

    def _put(self, key: str, value: str | None) -> None:
        value = (value or "").strip(' .,，。:：;；“”"')
        if value:
            self.item[key] = value

    def _numbers(self, found: re.Match[str]) -> None:
        parts = found.groupdict()
        if parts.get("year"):
            self._year(found)
        for key in ("volume", "issue", "page", "publisher", "edition"):
            self._put(key, parts.get(key))
        if place := (parts.get("place") or "").strip(" ,，:："):
            self.item["publisher-place"] = place

    def _tagged(self, body: str, at: int, tag: re.Match[str], named: bool) -> None:
        """Read `title[J]. container, year, volume(issue): pages` and its sisters."""
        kind = tag["kind"]
        self.item["type"] = _KINDS[kind]
        title = body[at : tag.start()].lstrip(" .．。")
        if named or not re.search(r"[.．。]\s*\S", title):
            self._put("title", title)
        rest = body[tag.end() :]
        for date in _DATES.finditer(self.text, tag.end()):
            for key in ("issued", "accessed"):
                if date[key] and key not in self.item:
                    self._date(key, date[key])
        if kind == "N" and (found := _IN_NEWSPAPER.match(rest)):
            self._put("container-title", found["container"])
            self._put("page", found["page"])
            self._date("issued", found["date"])
        elif kind in "JN":
            found = _AFTER_TAG.match(rest) or (
                _DATED_TAG.match(rest) if "issued" in self.item else None
            )
            if found:
                self._put("container-title", found["container"])
                self._numbers(found)
        elif kind == "P" and (found := _GRANTED.match(rest)):
            self._date("issued", found["date"])
        elif found := (_DEFENDED if kind == "D" else _PUBLISHED).match(rest):
            self._numbers(found)
            self._put("container-title", found.groupdict().get("container"))

    def _untagged(self, body: str, at: int) -> None:
        rest = body[at:].strip().lstrip(",，.。 ")
        dated = "issued" in self.item
        if "author" in self.item and (chapter := _CHAPTER.match(rest)):
            self.item["type"] = "chapter"
            self._put("title", chapter["title"])
            return
        for number, tail in enumerate(_TAILS):
            found = tail.match(rest)
            if not found or ("year" in tail.groupindex) == dated:
                continue
            if number == 1 and not dated:
                continue
            title, container = _title_and_container(found["head"], elsevier=number == 2)
            if container:
                self.item["type"] = "article-journal"
                self._numbers(found)
                self._put("container-title", container)
                if "." in self.item["container-title"] and rest[found.end("head")] == ".":
                    self.item["container-title"] += "."  # of an abbreviation
                if "author" in self.item:
                    self._put("title", title)
                return
        if "author" in self.item and (found := _BOOK.match(rest)):
            self.item["type"] = "book"
            self._numbers(found)
            self._put("title", found["head"])

    def _lone_year(self, body: str) -> None:
        """Take the one year that punctuation sets apart, where there is just one."""
        years = {
            found[1] for found in re.finditer(r"(?<![\d\-–/])((?:19|20)\d\d)(?![\d\-–/])", body)
        }
        apart = re.search(
            r"(?:[,，.;；]\s*|[(（])((?:19|20)\d\d)(?=\s*(?:[.,，;；:：)）]|$))", body
        )
        if len(years) == 1 and apart:
            self.item["issued"] = {"date-parts": [[int(apart[1])]]}


def _title_and_container(head: str, elsevier: bool) -> tuple[str | None, str | None]:
    """Part `Title. Container`; the title is None where a full stop within either leaves it open."""
    quoted = re.match(r"[“\"](?P<title>[^”\"]+)[”\"]\s*[.,]?\s*(?P<container>\S.*)", head)
    if quoted:
        return quoted["title"], quoted["container"]
    if elsevier:
        title, comma, container = head.rpartition(", ")
        return (title, container) if comma else (None, None)
    parts = re.split(r"(?<=[.?!。．])\s+|(?<=[。．])(?=\S)|(?<=[\u4e00-\u9fff]\.)(?=\S)", head)
    if len(parts) < 2:
        return None, None
    first = len(parts) - 1
    while first > 1 and _is_abbreviated(parts[first - 1]):
        first -= 1
    if first < len(parts) - 1 and not any(
        _JOURNAL_WORD.fullmatch(word) for part in parts[first:] for word in part.split()
    ):
        return None, None
    return " ".join(parts[:first]), " ".join(parts[first:])


def _is_abbreviated(part: str) -> bool:
    """Tell whether a piece that ends with a full stop is words of an abbreviated journal title."""
    words = part.split()
    return len(words) <= 3 and all(word[:1].isupper() and len(word) <= 12 for word in words)
