"""The quality table: how often the right sentence comes first, and how well the rest is refused."""

from __future__ import annotations

import json
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sources import Review, Span

from .answer import Answer, Quote
from .assistant import Assistant
from .errors import QuestionError
from .verify import Verifier

DEPTHS = (1, 3, 10)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the sentences that answer it; none where the library does not say.

    A sentence counts as gold if it holds, white space and full-width forms aside, one of the
    `keys` of its review (and section, where one is named).
    """

    id: str
    question: str
    history: tuple[str, ...]
    language: str
    kind: str
    keys: tuple[tuple[str, str | None, str], ...]

    @property
    def answerable(self) -> bool:
        return bool(self.keys)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's answer: the rank of the first gold sentence among its quotes, from 1.

    `length` is that of its shortest gold sentence, in characters; 0 if it has none.
    """

    question: Question
    answer: Answer
    rank: int | None
    faults: int
    length: int


def read_questions(file: Path) -> list[Question]:
    """Read questions, one JSON object a line.

    `{"id", "question", "lang", "kind", "doc", "section", "key"}`, with `gold` (sentences) instead
    of `section` and `key`, `also` (more of `doc`, `section`, `key`), `history` or `turns`. Raises
    QuestionError, naming file and line.
    """
    questions = []
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{file}: 读不了 / cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            questions.append(_question(json.loads(line)))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise QuestionError(
                f"{file}:{number}: 不是一道题（{error!r}）/ not a question; see docs/evaluate.md"
            ) from None
    if not questions:
        raise QuestionError(f"{file}: 里面没有题目 / holds no questions")
    return questions


def _question(told: Mapping[str, Any]) -> Question:
    turns = told.get("turns") or [*told.get("history", ()), told["question"]]
    doc = told["doc"]
    if told.get("gold"):
        keys = [(doc, None, gold) for gold in told["gold"]]
    else:
        places = [told, *told.get("also", ())] if doc else []
        keys = [(place["doc"], place["section"], place["key"]) for place in places]
    kind = "follow-up" if len(turns) > 1 else told["kind"]
    return Question(told["id"], turns[-1], tuple(turns[:-1]), told["lang"], kind, tuple(keys))


def evaluate(
    assistant: Assistant, questions: Sequence[Question], done: Callable[[int], object] | None = None
) -> list[Outcome]:
    """Ask every question, ten quotes deep, and verify every quote that comes back.

    Raises QuestionError where a question's gold sentence is not in the library.
    """
    verifier = Verifier(assistant.library)
    gold_of = [gold_sentences(assistant.library.reviews, question) for question in questions]
    outcomes = []
    for question, gold in zip(questions, gold_of, strict=True):
        answer = assistant.ask(question.question, question.history, k=max(DEPTHS))
        shown = answer.quotes or answer.nearest
        ranks = (
            rank
            for rank, quote in enumerate(shown, 1)
            if any((span.review.id, span.start) in gold for span in quote.highlights)
        )
        verdicts = verifier.verify(json.loads(json.dumps(answer.as_dict())))
        faults = sum(verdict.fault is not None for verdict in verdicts)
        length = min((len(span.text) for span in gold.values()), default=0)
        outcomes.append(Outcome(question, answer, next(ranks, None), faults, length))
        if done:
            done(1)
    return outcomes


def gold_sentences(
    reviews: Mapping[str, Review], question: Question
) -> dict[tuple[str, int], Span]:
    """Return the gold sentences by `(review id, start)`; a review may be named by how it begins."""
    found: dict[tuple[str, int], Span] = {}
    for doc, section, key in question.keys:
        here = {
            (review.id, span.start): span
            for review in reviews.values()
            if review.id.startswith(doc)
            for span in _sentences(review, section)
            if _bare(key) in _bare(span.text)
        }
        if not here:
            raise QuestionError(
                f"{question.id}: 文献库中没有它的答案句 / its gold sentence is not in the library: {doc}: {key}"
            )
        found |= here
    return found


def _sentences(review: Review, section: str | None) -> Iterable[Span]:
    for passage in review.passages:
        part = review.sections[passage.section]
        name = "abstract" if part.role == "abstract" else part.number or "intro"
        if section is None or section == name:
            yield from passage.sentences


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the quality table as numbers between 0 and 1, with the counts they are of."""
    asked = [outcome for outcome in outcomes if not outcome.question.history]
    following = [outcome for outcome in outcomes if outcome.question.history]
    led_astray = [outcome for outcome in following if not outcome.question.answerable]
    answerable = [outcome for outcome in asked if outcome.question.answerable]
    refusable = [outcome for outcome in asked if not outcome.question.answerable]
    near = [outcome for outcome in refusable if outcome.question.kind == "near"]
    groups: dict[str, list[Outcome]] = {"all": answerable}
    for outcome in answerable:
        groups.setdefault(outcome.question.language, []).append(outcome)
    for outcome in answerable:
        groups.setdefault(outcome.question.kind, []).append(outcome)
    groups["follow-up"] = [each for each in following if each.question.answerable]
    quotes = [each.answer.quotes or each.answer.nearest for each in outcomes]
    return {
        "hits": {
            name: {"questions": len(group), **{f"hit@{k}": _share(_hit(k), group) for k in DEPTHS}}
            for name, group in groups.items()
            if group
        },
        "refusal": {
            "auroc": _parted(answerable, refusable),
            "auroc_near": _parted(answerable, near),
            "answered": _share(_is_answered, answerable),
            "answered_and_right": _share(lambda o: _is_answered(o) and o.rank == 1, answerable),
            "refused": _share(lambda o: not _is_answered(o), refusable),
            "refused_near": _share(lambda o: not _is_answered(o), near),
            "refused_follow_up": _share(lambda o: not _is_answered(o), led_astray),
            "follow_up": len(led_astray),
            "unanswerable": len(refusable),
            "near": len(near),
        },
        "fidelity": {
            "quotes": sum(map(len, quotes)),
            "verified": sum(map(len, quotes)) - sum(outcome.faults for outcome in outcomes),
        },
        "length": {
            "highlight": _median(len(_first(outcome).highlight) for outcome in answerable),
            "gold": _median(outcome.length for outcome in answerable),
        },
    }


def _hit(k: int) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.rank is not None and outcome.rank <= k


def _is_answered(outcome: Outcome) -> bool:
    return outcome.answer.status == "answered"


def _sure(outcomes: Iterable[Outcome]) -> list[float]:
    return [outcome.answer.confidence for outcome in outcomes]


def _share(holds: Callable[[Outcome], bool], outcomes: Sequence[Outcome]) -> float | None:
    return sum(map(holds, outcomes)) / len(outcomes) if outcomes else None


def _first(outcome: Outcome) -> Quote:
    return (outcome.answer.quotes or outcome.answer.nearest)[0]


def _median(lengths: Iterable[int]) -> float | None:
    found = list(lengths)
    return statistics.median(found) if found else None


def _parted(positive: Sequence[Outcome], negative: Sequence[Outcome]) -> float | None:
    return auroc(_sure(positive), _sure(negative)) if positive and negative else None


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative, ties counted half.

    There must be at least one of each.
    """
    above, below = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float((above > below).mean() + (above == below).mean() / 2)


def table(found: Mapping[str, Any]) -> str:
    """Return the quality table for people, in Markdown."""
    heads = ["", "questions", *(f"hit@{k}" for k in DEPTHS)]
    rows = [
        [name, str(group["questions"]), *(_two(group[f"hit@{k}"]) for k in DEPTHS)]
        for name, group in found["hits"].items()
    ]
    refusal, fidelity, length = found["refusal"], found["fidelity"], found["length"]
    more = [
        ["refusal AUROC, all / near", f"{_two(refusal['auroc'])} / {_two(refusal['auroc_near'])}"],
        ["answerable answered", _two(refusal["answered"])],
        ["answerable answered, first quote right", _two(refusal["answered_and_right"])],
        [f"unanswerable refused ({refusal['unanswerable']})", _two(refusal["refused"])],
        [f"near misses refused ({refusal['near']})", _two(refusal["refused_near"])],
        [
            f"follow-ups without an answer refused ({refusal['follow_up']})",
            _two(refusal["refused_follow_up"]),
        ],
        ["quotes that verify", f"{fidelity['verified']} of {fidelity['quotes']}"],
        [
            "median characters of the first highlight / of the gold sentence",
            f"{_whole(length['highlight'])} / {_whole(length['gold'])}",
        ],
    ]
    return "\n\n".join((_markdown(heads, rows), _markdown(["", "value"], more)))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
