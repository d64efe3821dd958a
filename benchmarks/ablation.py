"""What each piece of search is worth: `python -m benchmarks.ablation [QUESTIONS.jsonl ...]`.

Every sentence of the bundled reviews is ranked for every question by ever more of the pieces,
with the weights as they come and with the adapter trained for this work.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index import Hit, Library, SentenceTransformerEncoder, search
from index.search import MEANING_WEIGHT, PASSAGE_WEIGHT, WORDS_WEIGHT
from index.votes import votes
from index.weights import bundled_model
from qa.evaluate import Question, auroc, gold_sentences, read_questions

OWN = Path(__file__).parent / "questions.jsonl"
EVERY = 10_000

Score = Callable[[Hit, float], float]
"""Of a hit, and of the words of the question's own language that it shares."""


def first(hit: Hit, words: float) -> float:
    return MEANING_WEIGHT * hit.meaning + PASSAGE_WEIGHT * hit.around + WORDS_WEIGHT * words


PIECES: dict[str, Score] = {
    "sentence vectors in their passage, centred per language": lambda hit, own: hit.meaning,
    "+ passage vectors": lambda hit, own: first(hit, 0),
    "+ words (BM25)": lambda hit, own: first(hit, own),
    "+ words of the other language (CC-CEDICT)": lambda hit, own: first(hit, hit.words),
    "+ late interaction": lambda hit, own: hit.score,
    "late interaction alone": lambda hit, own: hit.late,
    "all but words": lambda hit, own: first(hit, 0) + hit.late,
    "all but words of the other language": lambda hit, own: first(hit, own) + hit.late,
    "all but sentence and passage vectors": lambda hit, own: WORDS_WEIGHT * hit.words + hit.late,
}


def plain(library: Library, questions: Sequence[Question]) -> list[list[Hit]]:
    """Return the hits ranked by the cosine of question and sentence alone, nothing taken out."""
    ids, _ = library.vectors("sentence")
    held = library.indexes().units(ids)
    units = [held[id] for id in ids]
    rows = library.encoder.encode([unit.sentence.text for unit in units], "passage")
    ranked = []
    for asked in questions:
        cosines = rows @ library.encoder.encode([asked.question], "query")[0]
        order = np.argsort(-cosines)
        ranked.append([Hit(units[at], float(cosines[at]), 0, 0, 0, 0, 0) for at in order])
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


def own_words(library: Library, question: str) -> dict[tuple[str, int], float]:
    """Return what each sentence shares of a question's own words, by review and start."""
    indexes = library.indexes()
    shared = indexes.sharing(votes(question, indexes.shares, 0), EVERY)
    return {(unit.review, unit.start): shared[id] for id, unit in indexes.units(shared).items()}


def by(score: Score, hits: Sequence[Hit], shared: Mapping[tuple[str, int], float]) -> list[Hit]:
    scored = (
        replace(hit, score=score(hit, shared.get((hit.span.review.id, hit.span.start), 0.0)))
        for hit in hits
    )
    return sorted(scored, key=lambda hit: -hit.score)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="*", type=Path, default=[OWN])
    options = parser.parse_args()
    encoders = {
        "as they come": SentenceTransformerEncoder(bundled_model(adapter=None)),
        "with the adapter": SentenceTransformerEncoder(bundled_model()),
    }
    for file in options.questions:
        questions = [asked for asked in read_questions(file) if not asked.history]
        print(f"\n{file.name}: {len(questions)} questions\n")
        print("| weights | ranking | hit@1 | zh | en | hit@3 | hit@10 | refusal AUROC |")
        print("|---|---|---|---|---|---|---|---|")
        for weights, encoder in encoders.items():
            with TemporaryDirectory() as folder:
                library = Library(Path(folder), encoder)
                library.fill()
                print(
                    f"| {weights} | vectors of the sentences alone | "
                    f"{row(library, questions, plain(library, questions))} |"
                )
                found = [search(library, asked.question, EVERY) for asked in questions]
                shared = [own_words(library, asked.question) for asked in questions]
                for name, score in PIECES.items():
                    ranked = [by(score, *each) for each in zip(found, shared, strict=True)]
                    print(f"| {weights} | {name} | {row(library, questions, ranked)} |")
                library.close()


if __name__ == "__main__":
    main()
