"""How the pieces of a broken line go together again: the white space between two characters.

Only white space and the hyphen of a word broken across lines are ever left out. Chinese is set
without spaces, so between a Chinese character and anything else there is none; a PDF extraction
puts them in at will (`称 其 为`, `2. 1 遗传`, `OPG /RANKL`), and without them the same words always
give the same text however they were wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .characters import INVISIBLE, is_chinese, is_layout, is_shared, usual_form

_TIGHT = frozenset("/-–—~=<>≤≥±×")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]},;:")
_HYPHENS = frozenset("-‐")
_NUMBER_BEFORE_STOP = re.compile(r"(?:(?<![\d.])0|[=<>≤≥±~]\s*\d+)\.$")
_KNOWN_WORD = 1.5
_COMMON_WORD = 3.0


class Joined:
    """Text put together so far: its characters and the raw offset of each.

    `hyphens` holds the raw offsets of the hyphens left out where a word was broken.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.chars: list[str] = []
        self.offsets: list[int] = []
        self.hyphens: list[int] = []

    def __len__(self) -> int:
        return len(self.chars)

    def put(self, lines: Iterable[tuple[int, int]], chinese: bool) -> tuple[int, int]:
        """Append raw lines as one run of text; return its `[start, end)` in the text.

        `chinese` says which script sets the spaces around what both share.
        """
        start = len(self)
        gap: int | None = None
        broken = False
        for first, last in lines:
            for at in range(first, last):
                char = self.raw[at]
                if not is_layout(char):
                    char = usual_form(char)
                    if gap is not None and len(self) > start:
                        self._close(gap, broken, char, at, start, chinese)
                    gap, broken = None, False
                    self.chars.append(char)
                    self.offsets.append(at)
                elif char not in INVISIBLE:
                    gap = at if gap is None else gap
            gap, broken = last, True
        return start, len(self)

    def break_line(self, gap: int) -> None:
        """End the line, if there is one, in place of the white space at the raw offset `gap`."""
        self._stand_in("\n", gap)

    def space(self, gap: int) -> None:
        """Append a space in place of the white space at the raw offset `gap`."""
        self._stand_in(" ", gap)

    def _stand_in(self, char: str, gap: int) -> None:
        if self.chars and self.raw[gap].isspace():
            self.chars.append(char)
            self.offsets.append(gap)

    def _close(
        self, gap: int, broken: bool, right: str, at: int, start: int, chinese: bool
    ) -> None:
        left = self.chars[-1]
        if broken and self.raw[gap : gap + 1] == "\u00ad":
            return
        if broken and left in _HYPHENS and right.isalpha() and not is_chinese(right):
            if right.islower() and self._is_broken_word(start, at):
                self.chars.pop()
                self.hyphens.append(self.offsets.pop())
            return
        if broken and left in _HYPHENS and right.isdigit() and self.chars[-2:-1] != [" "]:
            return
        if not _is_set_tight(
            left, right, "".join(self.chars[max(start, len(self) - 8) :]), chinese
        ):
            self.chars.append(" ")
            self.offsets.append(gap)

    def _is_broken_word(self, start: int, at: int) -> bool:
        head = re.search(r"[^\W\d_]+$", "".join(self.chars[max(start, len(self) - 40) : -1]))
        tail = re.match(r"[^\W\d_]+", "".join(map(usual_form, self.raw[at : at + 40])))
        if not head or not tail or not (head[0] + tail[0]).isascii():
            return False  # `TNF-α`
        if head[0].isupper() and len(head[0]) > 1:
            return False  # `DNA-binding`
        return is_broken_word(head[0], tail[0])


def _is_set_tight(left: str, right: str, before: str, chinese: bool) -> bool:
    """Tell whether white space between two characters is layout that reading does not need."""
    if _is_chinese_here(left, chinese) or _is_chinese_here(right, chinese):
        return True
    if left in _OPENING or right in _CLOSING:
        return True
    if left == "." and right.isdigit():
        return before[-2:-1].isdigit() and (chinese or bool(_NUMBER_BEFORE_STOP.search(before)))
    return chinese and (
        left in _TIGHT or right in _TIGHT or right == "." or (left == ":" and right.isdigit())
    )


def _is_chinese_here(char: str, chinese: bool) -> bool:
    return is_chinese(char) or (chinese and is_shared(char))


@lru_cache(maxsize=4096)
def is_broken_word(head: str, tail: str) -> bool:
    """Tell whether `head-` at a line's end and `tail` at the next line's start are one word.

    `be-lieved` is `believed`, `long-term` keeps its hyphen: decided by how common the joined word
    and its two halves are in English (Speer, wordfreq, 2022; Zipf scale).
    """
    from wordfreq import zipf_frequency

    joined, first, second = (zipf_frequency(word, "en") for word in (head + tail, head, tail))
    if joined >= _KNOWN_WORD and joined >= min(first, second) - 1.5:
        return True
    if not joined and min(first, second) >= _KNOWN_WORD:
        return False
    return min(first, second) < _COMMON_WORD
