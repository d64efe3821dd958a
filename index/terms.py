"""The terms of a text, as the lexical index and the questions put to it both cut them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_LATIN = r"[a-z0-9\u0370-\u03ff%]"
_COMPOUND = re.compile(rf"{_LATIN}+(?:[-/.+]{_LATIN}+)*(?:[-/]?(?<=[-/])[\u4e00-\u9fff]{{2,8}})?")
_PART = re.compile(rf"{_LATIN}+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))


@lru_cache(maxsize=1)
def _jieba() -> Any:
    from rjieba import Jieba  # its dictionary, only for those who search

    return Jieba()


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import tantivy

    plain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return plain.filter(tantivy.Filter.stemmer("English")).build()


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def stemmed(term: str) -> str:
    """Return an English word without its ending; any other term as it is."""
    return str(_stemmer().analyze(term)[0]) if term.isascii() and term.isalpha() else term


def chinese_words(text: str) -> list[str]:
    """Cut the Chinese of a text into words, in simplified characters."""
    text = _to_simplified().convert(folded(text))
    return [word for run in _HAN.finditer(text) for word in _jieba().cut(run[0])]


def encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which JSON can carry and no reader takes."""
    return text.encode("utf-8", "replace").decode()


def folded(text: str) -> str:
    """Return a text as search compares it: compatibility forms, case and dashes made one."""
    return unicodedata.normalize("NFKC", encodable(text)).translate(_DASHES).casefold()


def terms(text: str) -> list[str]:
    """Cut a text into terms: Chinese words and their parts, names whole and in parts.

    `NF-κB受体` gives `nf-κb`, `nf`, `κb`, `受体`; `25-羟基维生素D` keeps `25-羟基维生素` beside its parts.
    """
    text = _to_simplified().convert(folded(text))
    found: list[str] = []
    for compound in _COMPOUND.finditer(text):
        found.append(stemmed(compound[0]))
        parts = _PART.findall(compound[0])
        found += map(stemmed, parts) if parts != [compound[0]] else []
    for run in _HAN.finditer(text):
        found += _jieba().cut_for_search(run[0])
    return found


def names(text: str) -> set[str]:
    """Return the terms of a text that are written alike in any language: `IL-6`, `NAFLD`, `50%`.

    In a Chinese text every Latin run is a name; in another, one that holds a digit, a Greek
    letter, or a capital other than that of the first word.
    """
    chinese = _HAN.search(text) is not None
    found: set[str] = set()
    for at, word in enumerate(re.findall(r"[^\s\u3000-\u9fff，。！？；：]+", text)):
        if (
            chinese
            or re.search(r"[\d\u0370-\u03ff]|[^\W\d_][A-Z]", word)
            or (at and word[0].isupper())
        ):
            found.update(terms(word))
    return found
