"""In-text reference numbers: `[13]`, `［3］`, `[4] [5]`, `[3-5,8]`, superscript digits."""

from __future__ import annotations

import re

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_BRACKETED = re.compile(r"[\[［【〔]\s*([\d０-９][\d０-９\s,，、;；~～\-－–—]*)[\]］】〕]")
_SUPERSCRIPT = re.compile(r"(?<=[^\s\d⁻])([⁰¹²³⁴-⁹][⁰¹²³⁴-⁹,，⁻–-]*)")
_UNIT = re.compile(r"(?:\b[kcmµμn]?m|\bkg|\bcm|10)$")
_RANGE = re.compile(r"(\d+)\s*[~～\-－–—⁻]\s*(\d+)")
MAX_REFERENCES = 2000


def markers(text: str) -> tuple[int, ...]:
    """Return the reference numbers that a text cites, each once, in order of appearance.

    Ranges are spelled out: `[3-5,8]` gives 3, 4, 5, 8. `m²` and `10⁹` are not markers.
    """
    found = [(match.start(), match[1]) for match in _BRACKETED.finditer(text)]
    found += [
        (match.start(), match[1].translate(_SUPERSCRIPTS))
        for match in _SUPERSCRIPT.finditer(text)
        if not _UNIT.search(text[: match.start()])
    ]
    numbers = (number for _, inside in sorted(found) for number in _numbers(inside))
    return tuple(dict.fromkeys(numbers))


def _numbers(inside: str) -> list[int]:
    numbers: list[int] = []
    for item in re.split(r"[,，、;；\s]+", re.sub(r"\s*([~～\-－–—])\s*", r"\1", inside)):
        spelled = _RANGE.fullmatch(item)
        if spelled:
            first, last = int(spelled[1]), int(spelled[2])
            numbers += range(first, min(last, MAX_REFERENCES) + 1)
        elif item.isdecimal():
            numbers.append(int(item))
    return [number for number in numbers if 0 < number <= MAX_REFERENCES]
