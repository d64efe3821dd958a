"""Follow-up questions: what `那儿童呢？` leaves out is carried over from the question before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import names

_OPENS_LIKE_ONE = re.compile(
    r"\s*(那么?(?![种个年时])|还有|换成|它|其(?![他它])|[他她](?=们|的|会|是|有|跟|和|与|在|还|也|能)|这[种个些类]?|该"
    r"|此外呢|同样"
    r"|(and|but|so|or|also)\b|what about|how about|(it|its|they|them|their|this|that|these|those)\b)",
    re.I,
)
_REFERS_BACK = re.compile(
    r"\b(it|its|they|them|their|these|those|ones)\b|它们?的?|[这该此][种个些类]|上述|前者|后者|其中",
    re.I,
)
_ASKS_NE = re.compile(r"\s*\S{1,11}呢\s*[？?]?\s*$")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_SHORT = {"zh": 7, "en": 5}
"""Characters, or words, up to which a question that names nothing is not taken to stand alone;
chosen on the follow-ups of `benchmarks/questions.jsonl`."""


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
    """Tell whether a question needs the one before it to be understood.

    It does if it begins or refers back as follow-ups do, or is a few words that name nothing
    (`会遗传吗？`, `What is the mechanism?`).
    """
    return bool(
        _OPENS_LIKE_ONE.match(question)
        or _REFERS_BACK.search(question)
        or _ASKS_NE.match(question)
        or (_is_short(question) and not names(question))
    )


def _is_short(question: str) -> bool:
    words = _WORD.findall(question)
    chinese = sum(word >= "\u3400" for word in words)
    return len(words) <= _SHORT["zh" if chinese else "en"]
