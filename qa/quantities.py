"""Whether a question asks for a quantity, and whether a quote states one of that kind.

Reviews say in many places what helps and seldom how much of it. To a search engine the sentence
without the figure looks much like the one with it; a reader must not be given it as the answer.
What is taken for asking is narrow, what is taken for stating is wide.
"""

from __future__ import annotations

import re
from enum import Enum

from index import folded

_WORDS = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|[mb]illions?|several|once|twice|half)"
_NUMBER = rf"(?:\d|[一二两三四五六七八九十百千万亿半多数几]|\b{_WORDS}\b)"
_TIME = r"(?:个?月|年|周|天|日|小时|分钟|世纪|星期|(?:years?|months?|weeks?|days?|hours?|minutes?|centur(?:y|ies)|decades?)\b)"
_MASS = r"(?:毫克|微克|纳克|国际单位|单位|毫升|克|(?:mg|μg|ug|mcg|ng|pg|g|kg|iu|ml|l|u|mmol|nmol|units?|grams?|milligrams?)\b)"


class Quantity(Enum):
    """A kind of quantity: how it is asked for, and how it is stated; patterns of folded text."""

    DOSE = (
        rf"(?:剂量|用量)[^，。？?]{{0,8}}(?:多少|多大|几|呢)|(?:多少|几)\s*{_MASS}"
        rf"|what (?:\w+ ){{0,3}}(?:dose|dosage)s?\b|how (?:many|much) {_MASS}",
        rf"{_NUMBER}\s*{_MASS}",
    )
    DURATION = (
        rf"多久|多长时间|(?:多少|几)\s*{_TIME}|how long\b|how (?:many|much) (?:time\b|{_TIME})",
        rf"{_NUMBER}[\s\-]*{_TIME}|until|直到|终身|lifelong|\b(?:19|20)\d\d\b",
    )
    SHARE = (
        r"百分之几|百分之多少|多大比例|比例(?:是|为|有)?多[少大]|多少%|几成|率(?:是|为|有|大约是?|约为?)?(?:多少|多高)"
        r"|what (?:\w+ )?(?:percentages?|percent|proportions?|fractions?|share)\b",
        r"\d\s*[%‰]|\d\s*[:/]\s*\d|百分之|分之|每[百千万十]|半|成|\b(?:half|quarters?|thirds?|percent|per cent|out of|majority|most|all|none)\b|\bper \d",
    )
    TIME = (
        r"哪一?年|何年|何时|什么时候|(?:what|which) year\b|\bwhen (?:was|were|did)\b",
        rf"\d\d|{_NUMBER}\s*{_TIME}|世纪|年代|\b(?:century|during|after|before|until|since)\b|[时后前期]",
    )
    COUNT = (
        r"多少(?!%)|(?<!哪)几(?=[个种次位名倍例岁项类条人])|how (?:many|much|often|large|high|old)\b",
        _NUMBER,
    )


_ASKED = {kind: re.compile(kind.value[0]) for kind in Quantity}
_STATED = {kind: re.compile(kind.value[1]) for kind in Quantity}
_NO_FIGURES = re.compile(r"\[[\d,，\-~– ]+\]|[a-z\u0370-\u03ff]+[-/]?\d+(?![\d.%])")
"""Reference markers, and digits that belong to a name (`il-6`, `runx2`)."""


def asked_for(question: str) -> Quantity | None:
    """Return the kind of quantity that a question asks for; None if it asks for none."""
    question = folded(question)
    return next((kind for kind in Quantity if _ASKED[kind].search(question)), None)


def states(text: str, kind: Quantity) -> bool:
    """Tell whether a text holds a quantity of a kind."""
    return bool(_STATED[kind].search(_NO_FIGURES.sub(" ", folded(text))))
