"""Fit the confidence: `python -m benchmarks.calibrate [QUESTIONS.jsonl] [--report OTHER.jsonl]`.

A question counts as answered rightly if its best hit is a gold sentence. The figures are of
questions left out of the fit (ten folds); `--report` scores another set with the fit of all.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from qa import Assistant
from qa.assistant import CONSIDERED
from qa.evaluate import Question, auroc, gold_sentences, read_questions
from qa.refuse import THRESHOLD, signals

OWN = Path(__file__).parent / "questions.jsonl"


def standing_alone(file: Path) -> list[Question]:
    return [asked for asked in read_questions(file) if not asked.history]


def measured(
    assistant: Assistant, questions: Sequence[Question]
) -> tuple[list[str], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the signals' names, their `(n, signals)` values, and where the best hit is gold."""
    rows, right = [], []
    for asked in questions:
        hits = assistant.search(asked.question, CONSIDERED)
        gold = gold_sentences(assistant.library.reviews, asked)
        rows.append(signals(hits, asked.question))
        right.append((hits[0].span.review.id, hits[0].span.start) in gold)
    names = [name for name in rows[0] if name != "bias"]
    return names, np.array([[row[name] for name in names] for row in rows]), np.array(right)


def report(
    questions: Sequence[Question], sure: NDArray[np.float64], right: NDArray[np.bool_]
) -> None:
    """Print how well probabilities separate, and how true they are."""
    answerable = np.array([asked.answerable for asked in questions])
    near = np.array([asked.kind == "near" for asked in questions])
    print(f"AUROC answerable/all    {auroc([*sure[answerable]], [*sure[~answerable]]):.3f}")
    print(f"AUROC answerable/near   {auroc([*sure[answerable]], [*sure[near]]):.3f}")
    print(f"AUROC first quote right {auroc([*sure[right]], [*sure[~right]]):.3f}")
    print("threshold  answered  right of answered  refused  near refused")
    for threshold in np.arange(0.1, 0.95, 0.05):
        given = sure >= threshold
        marks = " <- shipped" if abs(threshold - THRESHOLD) < 0.01 else ""
        print(
            f"{threshold:9.2f}  {given[answerable].mean():8.2f}  {right[given].mean():17.2f}"
            f"  {(~given[~answerable]).mean():7.2f}  {(~given[near]).mean():12.2f}{marks}"
        )
    print("reliability: claimed  true  questions")
    for low in np.arange(0, 1, 0.2):
        held = (sure >= low) & (sure < low + 0.2)
        if held.any():
            print(
                f"             {sure[held].mean():7.2f}  {right[held].mean():4.2f}  {held.sum():9d}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="?", type=Path, default=OWN)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    assistant = Assistant.open()
    questions = standing_alone(options.questions)
    names, rows, right = measured(assistant, questions)
    scale = rows.std(axis=0)
    model = LogisticRegression(C=1.0)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    sure = cross_val_predict(model, rows / scale, right, cv=folds, method="predict_proba")[:, 1]
    print(f"# {options.questions.name}, each question left out of its fit")
    report(questions, sure, right)
    model.fit(rows / scale, right)
    weights = dict(zip(names, model.coef_[0] / scale, strict=True))
    print(
        "WEIGHTS =",
        {"bias": round(float(model.intercept_[0]), 3)}
        | {name: round(float(weight), 3) for name, weight in weights.items()},
    )
    if options.report:
        others = standing_alone(options.report)
        _, rows, right = measured(assistant, others)
        print(f"# {options.report.name}, with the fit of all")
        report(others, model.predict_proba(rows / scale)[:, 1], right)


if __name__ == "__main__":
    main()
