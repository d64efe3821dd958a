"""Which words of a quote have changed in a newer version of its file, told in a few short lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from sources import Review

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+|[^\w\s]|_")
_AROUND = 6
_SHOWN = 3
"""Words of context, and changes told, at most."""
_ALIKE = 0.3
"""Share of a quote's pairs of neighbouring characters that the newer text must hold somewhere."""


def changed_words(old: str, newer: Review) -> tuple[str, ...]:
    """Return lines `- old` and `+ new` for what has changed of a quote, or one that says why none.

    The place of the newer text that is most like the quote is compared with it word by word.
    """
    new = _most_like(old, newer)
    if new is None:
        return ("这段文字已不在文件中 / these words are not in the file any more",)
    lines = [line for pair in _changes(old, new) for line in pair]
    if not lines:
        return ("这段文字本身未变 / these words themselves have not changed",)
    more = len(lines) // 2 - _SHOWN
    rest = [f"另有 {more} 处 / and {more} more"] if more > 0 else []
    return (*lines[: 2 * _SHOWN], *rest)


def _most_like(old: str, newer: Review) -> str | None:
    """Return the passage most like a text, with the passages before and after it."""
    wanted = _pairs(old)
    alike = [(wanted & _pairs(passage.span.text)).total() for passage in newer.passages]
    best = max(range(len(alike)), key=alike.__getitem__)
    if alike[best] < _ALIKE * wanted.total():
        return None
    first, last = max(best - 1, 0), min(best + 1, len(alike) - 1)
    return newer.text[newer.passages[first].span.start : newer.passages[last].span.end]


def _pairs(text: str) -> Counter[str]:
    bare = "".join(_WORD.findall(text))
    return Counter(bare[at : at + 2] for at in range(len(bare) - 1))


def _changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield each change as two lines, what stands before and after the whole left out."""
    a, b = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    matcher = SequenceMatcher(None, [m[0] for m in a], [m[0] for m in b], autojunk=False)
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal" or (what == "insert" and i in (0, len(a))):
            continue
        yield f"- {_cut(old, a, i, j)}", f"+ {_cut(new, b, k, m)}"


def _cut(text: str, words: list[re.Match[str]], start: int, end: int) -> str:
    """Return some words of a text with those around them, on one line."""
    first, last = max(start - _AROUND, 0), min(end + _AROUND, len(words))
    if first == last:
        return "…"
    shown = " ".join(text[words[first].start() : words[last - 1].end()].split())
    return ("…" if first else "") + shown + ("…" if last < len(words) else "")
