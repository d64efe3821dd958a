"""What the encoder learns from: a question, the sentence that answers, one beside it that does not.

XQuAD's articles at odd positions in four directions (its even ones are for measuring), and the
question sets of a folder of JSON lines (`set, lang, question, passage, answers [{text, start}],
answerable`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opencc import OpenCC
from rjieba import cut

from sources.sentences import sentences

from .glosses import read_glosses


@dataclass(frozen=True, slots=True)
class Pair:
    """`group` names the answer, so that its translation is not taken for a wrong one."""

    question: str
    answer: str
    beside: str
    group: str


def crosslingual(folder: Path, odd: bool = True) -> list[Pair]:
    """Read XQuAD's odd (or even) articles: each question, in each language, to each language."""
    english, chinese = (_squad(folder / f"xquad.{language}.json") for language in ("en", "zh"))
    pairs = []
    for at, articles in enumerate(zip(english, chinese, strict=True)):
        if (at % 2 == 0) is not odd:
            continue
        for paragraphs in zip(*(article["paragraphs"] for article in articles), strict=True):
            for asked in zip(*(paragraph["qas"] for paragraph in paragraphs), strict=True):
                for paragraph, target in zip(paragraphs, asked, strict=True):
                    start = target["answers"][0]["answer_start"]
                    made = _around(paragraph["context"], start)
                    pairs += [Pair(each["question"], *made, target["id"]) for each in asked]
    return pairs


def monolingual(folder: Path) -> dict[str, list[Pair]]:
    """Read every question set of a folder, by name; unanswerable questions are left out."""
    found: dict[str, list[Pair]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in filter(None, file.read_text("utf-8").split("\n")):
            told = json.loads(line)
            if told["answerable"] and told["answers"]:
                made = _around(told["passage"], told["answers"][0]["start"])
                found.setdefault(file.stem, []).append(Pair(told["question"], *made, told["id"]))
    return found


def _squad(file: Path) -> list[Any]:
    return list(json.loads(file.read_text("utf-8"))["data"])


def _around(passage: str, start: int) -> tuple[str, str]:
    """Return the sentence at an offset, and the one beside it (the passage where it is alone)."""
    spans = sentences(passage, 0, len(passage))
    texts = [passage[first:last] for first, last in spans]
    at = next((n for n, (_, last) in enumerate(spans) if start < last), len(spans) - 1)
    beside = texts[at + 1] if at + 1 < len(texts) else texts[at - 1] if at else ""
    return texts[at], beside


class Mixer:
    """Draws batches: half across languages, the rest Chinese and English medical questions.

    Some Chinese questions have words replaced by their CC-CEDICT glosses, some are set in
    simplified characters, as far as they are not.
    """

    SHARES = (
        ("xquad", 0.45),
        ("drcd-test", 0.2),
        ("squad2-zh-dev", 0.15),
        ("cmrc2018-trial", 0.05),
        ("pubmedqa", 0.15),
    )

    def __init__(self, public: Path, train: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._sets = {"xquad": crosslingual(public), **monolingual(train)}
        self._glosses = read_glosses()
        self._simplified = OpenCC("t2s")
        self._decks: dict[str, Iterator[Pair]] = {}

    def batch(self, size: int) -> list[Pair]:
        names, shares = zip(*self.SHARES, strict=True)
        drawn = self._random.choices(names, shares, k=size)
        return [self._varied(name, self._next(name)) for name in drawn]

    def _next(self, name: str) -> Pair:
        pair = next(self._decks.get(name, iter(())), None)
        if pair is None:
            deck = self._sets[name][:]
            self._random.shuffle(deck)
            self._decks[name] = iter(deck)
            pair = next(self._decks[name])
        return pair

    def _varied(self, name: str, pair: Pair) -> Pair:
        question, answer, beside = pair.question, pair.answer, pair.beside
        if name == "drcd-test" and self._random.random() < 0.6:
            question, answer, beside = map(self._simplified.convert, (question, answer, beside))
        if name in ("drcd-test", "squad2-zh-dev", "cmrc2018-trial") and self._random.random() < 0.4:
            question = self._glossed(self._simplified.convert(question))
        return Pair(question, answer, beside, f"{name}:{pair.group}")

    def _glossed(self, question: str) -> str:
        """Replace most words that the dictionary has; what is left reads like broken English."""
        words = cut(question)
        if self._random.random() < 0.5:
            return " ".join(self._glosses.get(word, word) for word in words)
        return "".join(
            f" {self._glosses[word]} "
            if word in self._glosses and len(word) > 1 and self._random.random() < 0.5
            else word
            for word in words
        )
