"""What each piece of search is worth: `python -m benchmarks.ablation [QUESTIONS.jsonl ...]`.

Every sentence of the bundled reviews is ranked for every question by ever more of the pieces,
with the weights as they come and with the adapter trained for this work.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index import Hit, Library, SentenceTransformerEncoder, search
from index.search import LATE_WEIGHT, PASSAGE_WEIGHT, WORDS_WEIGHT
from index.weights import bundled_model
from qa.evaluate import Question, auroc, gold_sentences, read_questions

OWN = Path(__file__).parent / "questions.jsonl"
EVERY = 10_000

Score = Callable[[Hit], float]
PIECES: dict[str, Score] = {
    "sentence vectors, centred per language": lambda hit: hit.meaning,
    "+ passage vectors": lambda hit: hit.meaning + PASSAGE_WEIGHT * hit.around,
    "+ words (BM25)": lambda hit: hit.score - LATE_WEIGHT * hit.late,
    "+ late interaction": lambda hit: hit.score,
    "late interaction alone": lambda hit: hit.late,
    "all but words": lambda hit: hit.score - WORDS_WEIGHT * hit.words,
}


def plain(library: Library, questions: Sequence[Question]) -> list[list[Hit]]:
    """Return the hits ranked by the cosine of question and sentence, nothing taken out."""
    ids, rows = library.vectors("sentence")
    held = library.indexes().units(ids)
    units = [held[id] for id in ids]
    ranked = []
    for asked in questions:
        cosines = rows @ library.encoder.encode([asked.question], "query")[0]
        order = np.argsort(-cosines)
        ranked.append(
            [
                Hit(units[at].sentence, float(cosines[at]), units[at].passage, 0, 0, 0, 0, 0)
                for at in order
            ]
        )
    return ranked


def row(library: Library, questions: Sequence[Question], ranked: Sequence[Sequence[Hit]]) -> str:
    """Return hit@1, by language, hit@3, hit@10, and how well the best score refuses."""
    ranks, best = [], []
    for asked, hits in zip(questions, ranked, strict=True):
        gold = gold_sentences(library.reviews, asked)
        places = (
            place for place, hit in enumerate(hits) if (hit.span.review.id, hit.span.start) in gold
        )
        ranks.append(next(places, EVERY))
        best.append(hits[0].score)

    def share(depth: int, language: str | None = None) -> str:
        found = [
            rank < depth
            for rank, asked in zip(ranks, questions, strict=True)
            if asked.answerable and language in (None, asked.language)
        ]
        return f"{np.mean(found):.2f}"

    answerable = [score for score, asked in zip(best, questions, strict=True) if asked.answerable]
    none = [score for score, asked in zip(best, questions, strict=True) if not asked.answerable]
    cells = [share(1), share(1, "zh"), share(1, "en"), share(3), share(10)]
    return " | ".join([*cells, f"{auroc(answerable, none):.2f}"])


def by(score: Score, hits: Sequence[Hit]) -> list[Hit]:
    return sorted((replace(hit, score=score(hit)) for hit in hits), key=lambda hit: -hit.score)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="*", type=Path, default=[OWN])
    options = parser.parse_args()
    encoders = {
        "as they come": SentenceTransformerEncoder(bundled_model(adapter=None)),
        "with the adapter": SentenceTransformerEncoder(bundled_model()),
    }
    for file in options.questions:
        questions = [asked for asked in read_questions(file) if asked.kind != "follow-up"]
        print(f"\n{file.name}: {len(questions)} questions\n")
        print("| weights | ranking | hit@1 | zh | en | hit@3 | hit@10 | refusal AUROC |")
        print("|---|---|---|---|---|---|---|---|")
        for weights, encoder in encoders.items():
            with TemporaryDirectory() as folder:
                library = Library(Path(folder), encoder)
                library.fill()
                print(
                    f"| {weights} | sentence vectors | "
                    f"{row(library, questions, plain(library, questions))} |"
                )
                found = [search(library, asked.question, EVERY) for asked in questions]
                for name, score in PIECES.items():
                    ranked = [by(score, hits) for hits in found]
                    print(f"| {weights} | {name} | {row(library, questions, ranked)} |")
                library.close()


if __name__ == "__main__":
    main()
