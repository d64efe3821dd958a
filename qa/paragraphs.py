"""How often the paragraph that answers comes first: public question sets of the SQuAD format.

Each paragraph is a review of its own. Parallel files (XQuAD's languages) are asked in every
direction: questions of one, paragraphs of the other.
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

from .errors import QuestionError


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
    """Shares of questions: best sentence in the paragraph that answers; it holds the answer too."""

    asked: str
    told: str
    right: float
    held: float
    questions: int


def read_squad(file: Path, every: int = 1) -> SquadSet:
    """Read all paragraphs of a file, and the questions of its last article in each `every`.

    Raises QuestionError, naming the file, if it is not of the SQuAD format.
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
                right, held = _found(library, asked, done)
                found.append(Found(asking.name, told.name, right, held, len(asked)))
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
    library: Library, asked: Sequence[Asked], done: Callable[[int], object] | None
) -> tuple[float, float]:
    right = held = 0
    for each in asked:
        best = search(library, each.question, 1)[0].span
        right += best.review.id == str(each.paragraph)
        held += any(_bare(answer) in _bare(best.text) for answer in each.answers)
        if done:
            done(1)
    return right / len(asked), held / len(asked)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def table(found: Sequence[Found]) -> str:
    """Return the figures for people, in Markdown."""
    rows = [
        f"| {each.asked} | {each.told} | {each.right:.3f} | {each.held:.3f} | {each.questions} |"
        for each in found
    ]
    return "\n".join(
        ["| questions | paragraphs | R@1 | holds the answer | of |", "|---|---|---|---|---|", *rows]
    )
