"""What kind of character this is, and its usual width."""

from __future__ import annotations

import unicodedata

# Chinese commas, stops and quotation marks are full-width by right; the other full-width forms of
# ASCII (letters, digits, brackets, operators, `－ ．`) are a typesetter's habit.
_RIGHTLY_FULL_WIDTH = frozenset("，！？：；＂＇")
_FOLD = {
    code: chr(code - 0xFEE0)
    for code in range(0xFF01, 0xFF5F)
    if chr(code) not in _RIGHTLY_FULL_WIDTH
}

# They show nothing; some reorder what a reader sees.
INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

OPENING = frozenset("([{<（［｛「『《〈【〔“‘")
CLOSING = frozenset(")]}>）］｝」』》〉】〕”’")
STOPS = frozenset("。！？!?．.…")

# Shared by both scripts: they belong to whichever surrounds them.
_SHARED = frozenset("“”‘’…—·～")


def usual_form(char: str) -> str:
    """Return a full-width Latin letter, digit, bracket or operator in its usual form.

    One character in, one character out: `Ｒ` gives `R`, `［` gives `[`, `，` stays.
    """
    return _FOLD.get(ord(char), char)


def is_han(char: str) -> bool:
    """Tell whether this is a Chinese character (or Japanese kana, set without spaces alike)."""
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x3005 <= code <= 0x3007
        or 0x3040 <= code <= 0x30FF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x323AF
    )


def is_chinese(char: str) -> bool:
    """Tell whether this is a Chinese character or punctuation mark, set without spaces."""
    code = ord(char)
    return (
        is_han(char)
        or 0x3001 <= code <= 0x303F
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF01 <= code <= 0xFFEF
    )


def is_shared(char: str) -> bool:
    """Tell whether both scripts use this punctuation mark."""
    return char in _SHARED


def is_layout(char: str) -> bool:
    """Tell whether this is white space or shows nothing."""
    return char.isspace() or char in INVISIBLE


def columns(text: str) -> int:
    """Return the printed width of `text`: a Chinese character counts 2, another 1."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def language(text: str) -> str:
    """Return `"zh"` where at least a quarter of the letters are Chinese, else `"en"`.

    A Chinese sentence may hold long Latin names, while an English one hardly holds Chinese.
    """
    han = sum(is_han(char) for char in text)
    latin = sum(char.isalpha() for char in text) - han
    return "zh" if han and han * 3 >= latin else "en"


def spelt(text: str) -> str:
    """Return a text on one line: line ends and orders to a terminal as they are spelt in code."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
