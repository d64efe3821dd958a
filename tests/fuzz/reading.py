"""Read mutated documents as strangers' files are read, and look at all that may be quoted of them.

`python -m tests.fuzz.reading COUNT SEED` prints what was found wrong, one line each.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from pathlib import Path

from sources import Review, SourceError
from sources.bundled import BUNDLED
from sources.isolated import Reader

from ..sources.papers import latin, paper
from ..sources.rendering import epub, html, jats, word
from ..sources.typesetting import pdf
from .mutating import mutated

LIMIT = 60.0
"""Seconds that a mutated document may take; those that are not take less than one."""


def documents() -> dict[str, list[bytes]]:
    """Return small whole documents of every kind."""
    papers = [paper("en", 3, sections=1), paper("zh", 3, sections=1)]
    texts = [file.read_bytes() for file in sorted(BUNDLED.glob("*.txt"))]
    texts += [file.read_bytes() for file in sorted(BUNDLED.glob("*.md"))]
    return {
        ".pdf": [pdf(latin(papers[0]), times=True), pdf(papers[1])],
        ".docx": list(map(word, papers)),
        ".epub": list(map(epub, papers)),
        ".html": list(map(html, papers)),
        ".xml": list(map(jats, papers)),
        ".txt": texts,
        ".md": texts,
    }


def wrong(review: Review) -> str | None:
    """Say what cannot be quoted of a review as it stands in its file, or None."""
    for passage in review.passages:
        for span in (passage.span, *passage.sentences):
            again = review.alignment.text_span(span.raw_start, span.raw_end)
            if again is None and span.raw_start < span.raw_end:
                return f"{span.start}-{span.end} is not where its receipt points"
            if again is not None and review.text[slice(*again)] != span.text:
                return f"{span.start}-{span.end} is not what its receipt points at"
            if not span.text.strip():
                return f"{span.start}-{span.end} is empty"
            hashlib.sha256(span.text.encode())
    return None


def fuzz(count: int, seed: int, reader: Reader) -> tuple[list[str], Counter[str]]:
    """Read `count` mutated documents; return what was found wrong, and what they came to."""
    whole = documents()
    kinds, found, counted = sorted(whole), list[str](), Counter[str]()
    for number in range(count):
        kind = kinds[number % len(kinds)]
        chance = random.Random(f"{seed} {number}")
        data = mutated(chance.choice(whole[kind]), whole[kind], kind, chance)
        began, told = time.monotonic(), None
        try:
            told = wrong(reader.read(data, Path(f"{number}{kind}")))
            counted[f"{kind} read"] += 1
        except SourceError as error:
            counted[f"{kind} refused"] += 1
            if "within limits" in str(error) or "\n" in str(error).strip():
                told = str(error)
        if time.monotonic() - began > LIMIT:
            told = f"took {time.monotonic() - began:.0f} s"
        if told:
            found.append(f"seed {seed} number {number}{kind}: {told}")
            print(found[-1], flush=True)
    return found, counted


def main(count: int, seed: int) -> None:
    reader = Reader(seconds=LIMIT)
    found, counted = fuzz(count, seed, reader)
    reader.stop()
    for kind, number in sorted(counted.items()):
        print(f"{kind}: {number}", file=sys.stderr)
    print(f"{count} documents, {len(found)} wrong", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
