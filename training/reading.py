"""What the encoder learns from: passages, and for each question the sentence that answers, or none.

XQuAD's articles at odd positions, each question in either language to each passage in either
(its even articles are for measuring), and the question sets of a folder of JSON lines (`set,
lang, title, question, passage, answers [{text, start}], answerable`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opencc import OpenCC
from rjieba import cut

from index.glossary import first_glosses
from sources.sentences import passages, sentences


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the place of its answer among the passage's sentences; None: no answer."""

    question: str
    answer: int | None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A passage with what is asked of it; `sentences` are spans of `text`.

    `group` names the content, so that a passage never meets its own translation as a wrong one.
    """

    text: str
    sentences: tuple[tuple[int, int], ...]
    title: str
    asked: tuple[Asked, ...]
    group: str


Told = tuple[str, int | None]
"""A question and where its answer starts in the paragraph; None: no answer there."""


def crosslingual(folder: Path) -> list[Lesson]:
    """Read XQuAD's odd articles: every question, in both languages, of every passage in both."""
    english, chinese = (_squad(folder / f"xquad.{language}.json") for language in ("en", "zh"))
    lessons = []
    for articles in list(zip(english, chinese, strict=True))[::2]:
        for paragraphs in zip(*(article["paragraphs"] for article in articles), strict=True):
            for own in paragraphs:
                told: list[Told] = [
                    (asked["question"], there["answers"][0]["answer_start"])
                    for there, *both in zip(
                        own["qas"], *(p["qas"] for p in paragraphs), strict=True
                    )
                    for asked in both
                ]
                lessons += _lessons(own["context"], "", told, own["qas"][0]["id"])
    return lessons


def monolingual(file: Path) -> list[Lesson]:
    """Read one set of questions, those without an answer included."""
    paragraphs: dict[tuple[str, str], list[Told]] = {}
    for line in filter(None, file.read_text("utf-8").split("\n")):
        row = json.loads(line)
        start = row["answers"][0]["start"] if row["answerable"] and row["answers"] else None
        paragraphs.setdefault((row["passage"], row["title"] or ""), []).append(
            (row["question"], start)
        )
    return [
        lesson
        for (text, title), told in paragraphs.items()
        for lesson in _lessons(text, title, told, text)
    ]


def _squad(file: Path) -> list[Any]:
    return list(json.loads(file.read_text("utf-8"))["data"])


def _lessons(paragraph: str, title: str, told: list[Told], group: str) -> Iterator[Lesson]:
    """Cut a paragraph as the library does; each passage is asked what it answers.

    Questions without an answer go to the passage where the paragraph begins.
    """
    spans = sentences(paragraph, 0, len(paragraph))
    for first, last in passages(paragraph, spans):
        own = spans[first:last]
        begin, end = own[0][0], own[-1][1]
        asked = []
        for question, start in told:
            if start is None and first == 0:
                asked.append(Asked(question, None))
            elif start is not None and begin <= start < end:
                at = next(n for n, (_, stop) in enumerate(own) if start < stop)
                asked.append(Asked(question, at))
        if asked:
            within = tuple((start - begin, stop - begin) for start, stop in own)
            yield Lesson(paragraph[begin:end], within, title, tuple(asked), group)


class Mixer:
    """Draws batches of lessons by shares of the sets, each set shuffled anew when it is through.

    Some Chinese questions have words replaced by their CC-CEDICT glosses, some traditional texts
    are set in simplified characters, and some answers are struck out, so that what stands around
    an answer is learnt to be none.
    """

    SHARES = (
        ("xquad", 0.45),
        ("drcd-test", 0.15),
        ("squad2-zh-dev", 0.25),
        ("cmrc2018-trial", 0.05),
        ("pubmedqa", 0.1),
    )
    ASKED = 5
    STRUCK = 0.1
    GLOSSED = 0.35

    def __init__(self, public: Path, train: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._sets = {"xquad": crosslingual(public)}
        self._sets |= {name: monolingual(train / f"{name}.jsonl") for name, _ in self.SHARES[1:]}
        self._glosses = first_glosses()
        self._simplified: Callable[[str], str] = OpenCC("t2s").convert
        self._decks: dict[str, Iterator[Lesson]] = {}

    def batch(self, questions: int) -> list[Lesson]:
        """Return lessons of different content that ask about so many questions in all."""
        names, shares = zip(*self.SHARES, strict=True)
        drawn: dict[str, Lesson] = {}
        while sum(len(lesson.asked) for lesson in drawn.values()) < questions:
            name = self._random.choices(names, shares)[0]
            lesson = self._varied(name, self._next(name))
            drawn.setdefault(lesson.group, lesson)
        return list(drawn.values())

    def _next(self, name: str) -> Lesson:
        lesson = next(self._decks.get(name, iter(())), None)
        if lesson is None:
            deck = self._sets[name][:]
            self._random.shuffle(deck)
            self._decks[name] = iter(deck)
            lesson = next(self._decks[name])
        return lesson

    def _varied(self, name: str, lesson: Lesson) -> Lesson:
        asked = self._random.sample(lesson.asked, min(self.ASKED, len(lesson.asked)))
        title = lesson.title if self._random.random() < 0.5 else ""
        lesson = replace(lesson, asked=tuple(asked), title=title)
        if name == "drcd-test" and self._random.random() < 0.5:
            lesson = self._set_simplified(lesson)
        if name in ("drcd-test", "squad2-zh-dev", "cmrc2018-trial"):
            lesson = replace(lesson, asked=tuple(map(self._maybe_glossed, lesson.asked)))
        if self._random.random() < self.STRUCK and any(a.answer is not None for a in lesson.asked):
            lesson = self._struck(lesson)
        return lesson

    def _set_simplified(self, lesson: Lesson) -> Lesson:
        asked = (replace(each, question=self._simplified(each.question)) for each in lesson.asked)
        text, title = self._simplified(lesson.text), self._simplified(lesson.title)
        if len(text) != len(lesson.text):
            return lesson
        return replace(lesson, text=text, title=title, asked=tuple(asked))

    def _struck(self, lesson: Lesson) -> Lesson:
        """Take the answer of one question out of the passage."""
        answers = [each.answer for each in lesson.asked if each.answer is not None]
        out = self._random.choice(answers)
        if len(lesson.sentences) == 1:
            return lesson
        text, spans, places = "", [], {}
        for at, (start, end) in enumerate(lesson.sentences):
            if at != out:
                places[at] = len(spans)
                spans.append((len(text), len(text) + end - start))
                text += lesson.text[start:end] + " "
        asked = tuple(
            replace(each, answer=None if each.answer is None else places.get(each.answer))
            for each in lesson.asked
        )
        return replace(lesson, text=text, sentences=tuple(spans), asked=asked)

    def _maybe_glossed(self, asked: Asked) -> Asked:
        if self._random.random() >= self.GLOSSED:
            return asked
        return replace(asked, question=self._glossed(self._simplified(asked.question)))

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
