"""One measure for all: do the first units that a retriever gives hold what answers?"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluate import Question, auroc

DEPTHS = (1, 3)
Unit = tuple[str, float]
"""A text with its score, higher is better."""


@dataclass(frozen=True)
class Found:
    """What a retriever gave for a question, best first."""

    question: Question
    units: tuple[Unit, ...]

    def holds(self, k: int) -> bool:
        """Tell whether the first `k` units hold a gold sentence: the words that only it holds.

        White space and full-width forms aside. A longer unit holds more, and is not charged for it.
        """
        keys = [bare(key) for _, _, key in self.question.keys]
        return any(key in bare(text) for text, _ in self.units[:k] for key in keys)


def bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def quality(found: Iterable[Found], sources: Sequence[str]) -> dict[str, Any]:
    """Return the shares of answerable questions held, and of units that stand in the `sources`."""
    found = list(found)
    answerable = [each for each in found if each.question.answerable]
    refusable = [each for each in found if not each.question.answerable]
    near = [each for each in refusable if each.question.kind == "near"]
    languages = sorted({each.question.language for each in answerable}, reverse=True)
    groups = {"all": answerable} | {
        language: [each for each in answerable if each.question.language == language]
        for language in languages
    }
    units = {text for each in found for text, _ in each.units}
    plain = [bare(source) for source in sources]
    return {
        "characters": statistics.median(len(each.units[0][0]) for each in found if each.units),
        **{
            f"top {k}, {name}": sum(each.holds(k) for each in group) / len(group)
            for name, group in groups.items()
            for k in DEPTHS
            if group
        },
        "AUROC": _parted(answerable, refusable),
        "AUROC, near": _parted(answerable, near),
        "exact": _share(lambda unit: any(unit in source for source in sources), units),
        "exact but for layout": _share(
            lambda unit: any(bare(unit) in each for each in plain), units
        ),
    }


def _parted(positive: Sequence[Found], negative: Sequence[Found]) -> float | None:
    if not positive or not negative:
        return None
    return auroc(_tops(positive), _tops(negative))


def _tops(found: Sequence[Found]) -> list[float]:
    return [each.units[0][1] if each.units else float("-inf") for each in found]


def _share(holds: Callable[[str], bool], units: Iterable[str]) -> float | None:
    each = [holds(unit) for unit in units]
    return sum(each) / len(each) if each else None


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return rows by name as Markdown: a column for each figure that any of them has."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = ["| | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 1)]
    for head, row in rows.items():
        lines.append(f"| {head} | " + " | ".join(shown(row.get(name)) for name in names) + " |")
    return "\n".join(lines)


def shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell >= 100 else f"{cell:.3g}"
    return "–" if cell is None else str(cell)
