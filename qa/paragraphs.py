"""How often the paragraph that answers comes first: public question sets of the SQuAD format.

Each paragraph is a review of its own. Parallel files (XQuAD's languages) are asked in every
direction: questions of one, paragraphs of the other. Every question is asked twice, the second
time of all paragraphs but its own: then nothing should be answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from index import Encoder, Library, search
from sources import SourceError, read_bytes

from .assistant import CONSIDERED
from .errors import QuestionError
from .evaluate import auroc
from .refuse import THRESHOLD, confidence


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the number of the paragraph that answers, and the words of its answers."""

    question: str
    paragraph: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SquadSet:
    name: str
    paragraphs: tuple[str, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """How questions of one set fare with the paragraphs of another, in shares of the questions.

    `right`: the best sentence stands in the paragraph that answers; `held`: it holds the answer
    too. `answered`: at the shipped threshold; `refused`: without that paragraph. `auroc`: how well
    confidence tells the one from the other.
    """

    asked: str
    told: str
    right: float
    held: float
    answered: float
    refused: float
    auroc: float
    questions: int


def read_squad(file: Path, every: int = 1) -> SquadSet:
    """Read all paragraphs of a file, and the questions of its last article in each `every`.

    Raises QuestionError, naming the file, if it is not of the SQuAD format or nothing is asked.
    """
    paragraphs: list[str] = []
    asked: list[Asked] = []
    try:
        for number, article in enumerate(json.loads(file.read_text("utf-8"))["data"], 1):
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"] if number % every == 0 else ():
                    answers = tuple(answer["text"] for answer in question["answers"])
                    asked.append(Asked(question["question"], len(paragraphs), answers))
                paragraphs.append(paragraph["context"])
    except (OSError, ValueError, KeyError, TypeError):
        raise QuestionError(
            f"{file}: 不是 SQuAD 格式的题集 / cannot be read as questions of the SQuAD format"
        ) from None
    if not asked:
        raise QuestionError(f"{file}: 里面没有题目 / holds no questions")
    return SquadSet(file.stem, tuple(paragraphs), tuple(asked))


def measure(
    sets: Sequence[SquadSet], encoder: Encoder, done: Callable[[int], object] | None = None
) -> list[Found]:
    """Ask every set's questions of every set's paragraphs; sets must be parallel.

    Raises QuestionError if they are not.
    """
    if len({(len(each.paragraphs), len(each.asked)) for each in sets}) > 1:
        raise QuestionError(
            "各题集的段落或题数不同 / the sets are not parallel: as many paragraphs and questions in each"
        )
    found = []
    for told in sets:
        with TemporaryDirectory() as folder:
            library = shelve(told.paragraphs, Path(folder), encoder)
            for asking in sets:
                pairs = zip(asking.asked, told.asked, strict=True)
                asked = [Asked(one.question, one.paragraph, two.answers) for one, two in pairs]
                found.append(_found(asking.name, told.name, library, asked, done))
            library.close()
    return found


def shelve(paragraphs: Sequence[str], folder: Path, encoder: Encoder) -> Library:
    """Return a library in which every paragraph is a review, its id the paragraph's number."""
    library = Library(folder, encoder)
    files = [text.encode() for text in paragraphs]
    try:
        library.put(
            [
                (read_bytes(data, folder / f"{number}.txt", id=str(number)), data)
                for number, data in enumerate(files)
            ]
        )
    except SourceError as error:
        raise QuestionError(str(error)) from None
    return library


def _found(
    asking: str,
    told: str,
    library: Library,
    asked: Sequence[Asked],
    done: Callable[[int], object] | None,
) -> Found:
    ids = set(library.reviews)
    right = held = 0
    sure: list[float] = []
    sure_without: list[float] = []
    for each in asked:
        own = str(each.paragraph)
        hits = search(library, each.question, CONSIDERED)
        best = hits[0].span
        right += best.review.id == own
        held += any(_bare(answer) in _bare(best.text) for answer in each.answers)
        sure.append(confidence(hits, each.question))
        others = search(library, each.question, CONSIDERED, sources=ids - {own})
        sure_without.append(confidence(others, each.question))
        if done:
            done(1)
    return Found(
        asking,
        told,
        right / len(asked),
        held / len(asked),
        sum(each >= THRESHOLD for each in sure) / len(asked),
        sum(each < THRESHOLD for each in sure_without) / len(asked),
        auroc(sure, sure_without),
        len(asked),
    )


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def table(found: Sequence[Found]) -> str:
    """Return the figures for people, in Markdown."""
    rows = [
        f"| {each.asked} | {each.told} | {each.right:.3f} | {each.held:.3f} | {each.answered:.2f} "
        f"| {each.refused:.2f} | {each.auroc:.3f} | {each.questions} |"
        for each in found
    ]
    return "\n".join(
        [
            "| questions | paragraphs | R@1 | holds the answer | answered "
            "| refused without it | AUROC | of |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    )
