"""Find the paragraph that answers: `python -m benchmarks.paragraphs XQUAD_FOLDER [DRCD.json]`.

Files of the SQuAD format; every paragraph is a review of its own. R@1 is the share of questions
whose best sentence stands in the paragraph that answers; of XQuAD only the articles at even
positions are asked, since the adapter has learnt from the odd ones. `held`: the best sentence
also holds the answer's words.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from index import Encoder, Library, SentenceTransformerEncoder, search
from index.weights import bundled_model
from sources import read_bytes


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    paragraph: int
    answers: tuple[str, ...]


def read_squad(file: Path, every: int = 1) -> tuple[list[str], list[Asked]]:
    """Return all paragraphs of a file, and the questions of its last article in each `every`."""
    paragraphs, asked = [], []
    for number, article in enumerate(json.loads(file.read_text("utf-8"))["data"], 1):
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"] if number % every == 0 else ():
                answers = tuple(answer["text"] for answer in question["answers"])
                asked.append(Asked(question["question"], len(paragraphs), answers))
            paragraphs.append(paragraph["context"])
    return paragraphs, asked


def shelve(paragraphs: Sequence[str], folder: Path, encoder: Encoder) -> Library:
    """Return a library in which every paragraph is a review, its id the paragraph's number."""
    library = Library(folder, encoder)
    files = [text.encode() for text in paragraphs]
    library.put(
        [
            (read_bytes(data, folder / f"{number}.txt", id=str(number)), data)
            for number, data in enumerate(files)
        ]
    )
    return library


def found(library: Library, asked: Sequence[Asked]) -> str:
    """Return the share of questions whose paragraph, and whose answer, comes first."""
    right = held = 0
    for each in asked:
        best = search(library, each.question, 1)[0].span
        right += best.review.id == str(each.paragraph)
        words = re.sub(r"\s", "", best.text)
        held += any(re.sub(r"\s", "", answer) in words for answer in each.answers)
    return f"{right / len(asked):.3f} | {held / len(asked):.3f} | {len(asked)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("xquad", type=Path, help="holds xquad.zh.json and xquad.en.json")
    parser.add_argument("drcd", type=Path, nargs="?")
    options = parser.parse_args()
    sets = {name: read_squad(options.xquad / f"xquad.{name}.json", 2) for name in ("zh", "en")}
    shelves = {
        f"XQuAD {told}": (
            sets[told][0],
            {f"asked in {ask}": sets[ask][1] for ask in sets},
            sets[told][1],
        )
        for told in sets
    }
    if options.drcd:
        paragraphs, asked = read_squad(options.drcd)
        shelves["DRCD dev"] = (paragraphs, {"": asked}, asked)
    print("| set | weights | R@1 | held | questions |\n|---|---|---|---|---|")
    for weights, adapted in (("as they come", False), ("with the adapter", True)):
        model = bundled_model() if adapted else bundled_model(adapter=None)
        encoder = SentenceTransformerEncoder(model)
        for name, (paragraphs, askings, answered) in shelves.items():
            with TemporaryDirectory() as folder:
                library = shelve(paragraphs, Path(folder), encoder)
                for how, questions in askings.items():
                    pairs = zip(questions, answered, strict=True)
                    asked = [Asked(one.question, one.paragraph, two.answers) for one, two in pairs]
                    print(f"| {name} {how} | {weights} | {found(library, asked)} |", flush=True)
                library.close()


if __name__ == "__main__":
    main()
