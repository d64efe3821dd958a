"""In-text reference numbers: `[13]`, `［3］`, `[4] [5]`, `[3-5,8]`, superscript digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPTS = str.maketrans(_RAISED + "⁻", "0123456789-")
_NUMBERS = r"[\d０-９][\d０-９\s,，、;；~～\-－–—]*"
_BRACKETED = re.compile(
    rf"[\[［【〔]\s*(?:(?:see|see also|e\.g\.|cf\.|reviewed in|refs?\.?|参见|见)[,，]?\s*)?({_NUMBERS})"
    r"(?:[,:，：]\s*pp?\.\s*[\d\-–]+\s*)?[\]］】〕]"
)
_SUPERSCRIPT = re.compile(
    rf"(?<![\s⁻₀-₉{_RAISED}])(?<=.)([{_RAISED}][{_RAISED},，、⁻–-]*)(?![⁺⁻{_RAISED}A-Za-z])"
)
# What makes a raised or bracketed number something else: a length, a variable, a power, an
# interval, a numbered thing.
_POWERED = re.compile(r"(?:^|[^A-Za-z])(?:[kcmdµμn]?m|s|[A-Za-zα-ωΑ-Ω])$")
_LETTERED = re.compile(
    r"(?:vitamins?|hepatitis|type|group|factor|维生素|维他命|因子)\s?[A-Z]$", re.I
)
_PLAIN_NUMBER = re.compile(r"(?:^|[^A-Za-zÀ-ÖØ-öø-ɏα-ω\d.])(?!(?:19|20)\d\d$)[\d.,]*\d$")
_HIGHEST_POWER = 4
_NUMBERED_THING = re.compile(
    r"(?:\b(?:Eqs?\.|Figs?\.|Figures?|Tables?)|[见如由按据](?:公式|方程|[式图表]))\s*$"
)
_INTERVAL = re.compile(
    r"(?:\bC\.?I\.?|\bIQR|\bSD|\branges?|\bmedian|\bintervals?|区间|间距|范围|中位数|四分位数?|[=≈∈±])"
    r"\s*(?:of|为|是|在|:|：|=|,|-?[\d.]+)?\s*$",
    re.I,
)
_MEASURED = re.compile(
    r"\s?(?:岁|％|%|mg|kg|m[lL]\b|mm|cm|years? old|years\b|months\b|weeks\b|days\b)"
)
_RANGE = re.compile(r"(\d+)\s*[~～\-－–—⁻]\s*(\d+)")
MAX_REFERENCES = 1899
"""A list hardly has more; from here on a number is a year."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What one marker cites, and where it stands: `[start, end)` in the text it was read in."""

    start: int
    end: int
    numbers: tuple[int, ...]


def markers(text: str) -> tuple[int, ...]:
    """Return the reference numbers that a text cites, each once, in order of appearance.

    Ranges are spelled out: `[3-5,8]` gives 3, 4, 5, 8. `m²` and `10⁹` are not markers.
    """
    return tuple(dict.fromkeys(number for found in read_markers(text) for number in found.numbers))


def read_markers(text: str, superscripts: Iterable[tuple[int, int]] = ()) -> tuple[Marker, ...]:
    """Return every marker of a text, in order; `superscripts` are spans of it set raised."""
    found = [*_bracketed(text), *_raised(text), *_set_raised(text, superscripts)]
    return tuple(sorted(found, key=lambda marker: marker.start))


def _bracketed(text: str) -> Iterator[Marker]:
    for match in _BRACKETED.finditer(text):
        numbers = _numbers(match[1])
        before = text[max(0, match.start() - 40) : match.start()]
        if not numbers or _NUMBERED_THING.search(before) or _MEASURED.match(text, match.end()):
            continue
        if len(numbers) == 1 or not _INTERVAL.search(before):
            yield Marker(match.start(), match.end(), numbers)


def _raised(text: str) -> Iterator[Marker]:
    for match in _SUPERSCRIPT.finditer(text):
        numbers = _numbers(match[1].translate(_SUPERSCRIPTS))
        if numbers and not _is_raised_otherwise(text, match.start(), match.end(), numbers):
            yield Marker(match.start(), match.end(), numbers)


def _set_raised(text: str, superscripts: Iterable[tuple[int, int]]) -> Iterator[Marker]:
    """Read the spans that were set raised; those with but a comma or dash between are one."""
    for start, end in _merged(text, superscripts):
        inside = text[start:end].strip()
        if not re.fullmatch(r"\d[\d\s,，、;；~～\-－–—]*", inside.rstrip(",，、;；")):
            continue
        numbers = _numbers(inside.rstrip(",，、;；"))
        if numbers and not _is_raised_otherwise(text, start, end, numbers):
            yield Marker(start, end, numbers)


def _merged(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and re.fullmatch(r"[\s,，、;；~～\-－–—]{0,3}", text[merged[-1][1] : start]):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_raised_otherwise(text: str, start: int, end: int, numbers: tuple[int, ...]) -> bool:
    """Tell whether raised digits are an exponent, a charge or a mass number."""
    before, after = text[max(0, start - 16) : start], text[end : end + 1]
    if not before or before[-1].isspace() or _PLAIN_NUMBER.search(before):
        return True
    if (after.isascii() and after.isalpha()) or after in ("+", "⁺", "−"):
        return True
    return (
        max(numbers) <= _HIGHEST_POWER
        and bool(_POWERED.search(before))
        and not _LETTERED.search(before)
    )


def _numbers(inside: str) -> tuple[int, ...]:
    """Spell out what stands in a marker; nothing where any of it cannot be a reference number."""
    numbers: list[int] = []
    for item in re.split(r"[,，、;；\s]+", re.sub(r"\s*([~～\-－–—])\s*", r"\1", inside.strip())):
        if not item:
            continue
        spelled = _RANGE.fullmatch(item)
        if spelled:
            first, last = int(spelled[1]), int(spelled[2])
            if not 0 < first <= last <= MAX_REFERENCES:
                return ()
            numbers += range(first, last + 1)
        elif item.isdecimal() and 0 < int(item) <= MAX_REFERENCES:
            numbers.append(int(item))
        else:
            return ()
    return tuple(dict.fromkeys(numbers))
