"""All sections and sentences of the bundled reviews, listed in a file for a person to read.

`python -m tests.sources.test_golden` writes the listings anew; read the difference before keeping it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import Review, bundled_reviews, markers

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
REVIEWS = {review.id: review for review in bundled_reviews()}


def listing(review: Review) -> str:
    """Return the outline with every sentence, its lines in the raw file and its markers."""
    lines = [f"# {review.id} sha256 {review.sha256}"]
    section = None
    for passage in review.passages:
        if passage.section != section:
            section = passage.section
            role = review.sections[section].role
            lines += ["", f"## [{role}] " + " › ".join(review.section_path(section))]
        lines.append("")
        for sentence in passage.sentences:
            cited = "".join(f"[{marker}]" for marker in markers(sentence.text))
            lines.append(f"{sentence.line}-{sentence.line_end} {cited} {sentence.text}")
    lines += ["", "## set aside"]
    for aside in review.set_aside:
        lines.append(f"{aside.reason}: {review.raw[aside.raw_start : aside.raw_end]!r}")
    return "\n".join(lines) + "\n"


def test_there_is_a_listing_of_every_bundled_review() -> None:
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(REVIEWS)


@pytest.mark.parametrize("review", REVIEWS.values(), ids=REVIEWS.keys())
def test_sections_and_sentences_are_as_listed(review: Review) -> None:
    assert listing(review) == (GOLDEN / f"{review.id}.txt").read_text("utf-8")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in REVIEWS.values():
        (GOLDEN / f"{each.id}.txt").write_text(listing(each), "utf-8")
