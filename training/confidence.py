"""Fit the confidence: `python -m training.confidence --data SHARED`; prints `qa.refuse.WEIGHTS`.

Small libraries are made of question sets, each paragraph a review. Every question is asked twice:
of the whole library, and of the library without the paragraph that answers, which is a near miss:
its neighbours are of the same article. A question is right if the answer stands in the best
sentence of its own paragraph. Nothing of the questions that quality is reported on is used.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from index import Hit, Library, default_encoder, search
from qa.evaluate import auroc
from qa.refuse import signals
from sources import Review, SourceError, read_bytes

PARAGRAPHS = 40
QUESTIONS = 60
LIBRARIES = {"drcd-test": 5, "squad2-zh-dev": 5, "cmrc2018-trial": 2, "pubmedqa": 3}


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    paragraph: int
    answer: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The paragraphs of one small library, and the questions on them."""

    name: str
    paragraphs: Sequence[str]
    questions: Sequence[Asked]


def monolingual(folder: Path, chance: random.Random) -> Iterator[Shelf]:
    """Yield shelves of whole articles from the question sets of a folder."""
    for name, count in LIBRARIES.items():
        lines = (folder / f"{name}.jsonl").read_text("utf-8").split("\n")
        rows = [row for row in map(json.loads, filter(None, lines)) if row["answers"]]
        articles: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            articles.setdefault(row["title"] or row["id"], []).append(row)
        titles = chance.sample(sorted(articles), len(articles))
        for _ in range(count):
            places: dict[str, int] = {}
            asked = []
            while titles and len(places) < PARAGRAPHS:
                for row in articles[titles.pop()]:
                    place = places.setdefault(row["passage"], len(places))
                    asked.append(Asked(row["question"], place, row["answers"][0]["text"]))  # type: ignore[index,call-overload]
            yield Shelf(name, list(places), chance.sample(asked, min(QUESTIONS, len(asked))))


def crosslingual(folder: Path, chance: random.Random) -> Iterator[Shelf]:
    """Yield shelves of XQuAD's odd articles, four paragraphs in five Chinese, asked in both."""
    english, chinese = (
        json.loads((folder / f"xquad.{language}.json").read_text("utf-8"))["data"][::2]
        for language in ("en", "zh")
    )
    for first in range(0, len(english), 8):
        paragraphs, asked = [], []
        for pair in zip(english[first : first + 8], chinese[first : first + 8], strict=True):
            for both in zip(*(article["paragraphs"] for article in pair), strict=True):
                told = int(chance.random() < 0.8)
                for questions in zip(*(each["qas"] for each in both), strict=True):
                    question = chance.choice(questions)["question"]
                    answer = questions[told]["answers"][0]["text"]
                    asked.append(Asked(question, len(paragraphs), answer))
                paragraphs.append(both[told]["context"])
        yield Shelf("xquad", paragraphs, chance.sample(asked, 2 * QUESTIONS))


def measured(shelf: Shelf, folder: Path) -> Iterator[tuple[dict[str, float], bool, bool]]:
    """Yield the signals of each question, whether it can be answered, whether its best hit does."""
    library = Library(folder, default_encoder())
    reviews: list[tuple[Review, bytes]] = []
    for place, text in enumerate(shelf.paragraphs):
        data = text.encode()
        try:
            reviews.append((read_bytes(data, folder / f"{place}.txt", id=str(place)), data))
        except SourceError:
            continue
    library.put(reviews)
    everything = set(library.reviews)
    for asked in shelf.questions:
        own = str(asked.paragraph)
        if own not in everything:
            continue
        for sources in (everything, everything - {own}):
            hits = search(library, asked.question, 20, sources)
            yield signals(asked.question, hits), own in sources, _is_right(hits[0], own, asked.answer)
    library.close()


def _is_right(hit: Hit, own: str, answer: str) -> bool:
    if hit.span.review.id != own:
        return False
    held, sought = (re.sub(r"\s", "", text) for text in (hit.span.text, answer))
    return sought[:20] in held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds public/ and train/")
    options = parser.parse_args()
    chance = random.Random(5)
    shelves = [
        *monolingual(options.data / "train", chance),
        *crosslingual(options.data / "public", chance),
    ]
    rows, answerable, right, groups = [], [], [], []
    for number, shelf in enumerate(shelves):
        with TemporaryDirectory() as folder:
            for found, can, is_right in measured(shelf, Path(folder)):
                rows.append(found)
                answerable.append(can)
                right.append(is_right)
                groups.append(number)
        print(f"{number + 1}/{len(shelves)} {shelf.name}: {len(rows)} so far", flush=True)
    names = [name for name in rows[0] if name != "bias"]
    values = np.array([[row[name] for name in names] for row in rows])
    scale = values.std(axis=0)
    model = LogisticRegression()
    folds = GroupKFold(len(shelves))
    sure = cross_val_predict(
        model, values / scale, right, cv=folds, groups=groups, method="predict_proba"
    )[:, 1]
    can, is_right = np.array(answerable), np.array(right)
    print(f"right {is_right.mean():.2f} of all, {is_right[can].mean():.2f} of answerable")
    print(f"AUROC, each library left out: {auroc([*sure[can]], [*sure[~can]]):.3f}")
    print(f"AUROC of right: {auroc([*sure[is_right]], [*sure[~is_right]]):.3f}")
    for at, name in enumerate(names):
        alone = values[:, at]
        print(f"  {name:8} alone {auroc([*alone[can]], [*alone[~can]]):.3f}")
    model.fit(values / scale, right)
    weights = {"bias": model.intercept_[0]} | dict(zip(names, model.coef_[0] / scale, strict=True))
    print("WEIGHTS =", {name: round(float(weight), 3) for name, weight in weights.items()})


if __name__ == "__main__":
    main()
