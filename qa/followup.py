"""Follow-up questions: what `那儿童呢？` leaves out is carried over from the question before."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENS_LIKE_ONE = re.compile(
    r"\s*(那么?(?![种个年时])|还有|它|其(?![他它])|他们?|她们?|这[种个些类]?|该|此外呢|同样|为什么[？?]?\s*$|怎么[？?]?\s*$"
    r"|(and|but|so|or|also)\b|what about|how about|(it|its|they|them|their|this|that|these|those)\b"
    r"|why( not)?\s*\?*\s*$)",
    re.I,
)
_REFERS_BACK = re.compile(
    r"\b(it|its|they|them|their|these|those)\b|它们?的?|[这该此][种个些类]|上述|前者|后者", re.I
)
_ASKS_NE = re.compile(r"呢\s*[？?]?\s*$")
_SHORT = 12


def read_as(question: str, history: Sequence[str]) -> str:
    """Return a question with the words it leaves out put before it, from the question before.

    A question that stands alone is returned as it is. Only the user's own words are used: the
    last question of the history that stands alone itself, then those that followed it.
    """
    asked = [*history, question]
    first = len(asked) - 1
    while first > 0 and is_elliptical(asked[first]):
        first -= 1
    return " ".join(asked[first:])


def is_elliptical(question: str) -> bool:
    """Tell whether a question needs the one before it to be understood."""
    return bool(
        _OPENS_LIKE_ONE.match(question)
        or _REFERS_BACK.search(question)
        or (_ASKS_NE.search(question) and len(question.strip()) <= _SHORT)
    )
