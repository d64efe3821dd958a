"""Measure the readers: `python -m benchmarks.reading [SEEDS]` prints the table of `reading.md`.

Reviews made up by the tests, of which every sentence is known, are written in every format and read
back. A sentence counts only if it comes out exactly, character for character.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sources import read_bytes
from tests.sources.measuring import Found, measure
from tests.sources.papers import Paper, latin, paper
from tests.sources.rendering import epub, html, jats, word
from tests.sources.typesetting import pdf

KINDS: dict[str, tuple[str, Callable[[Paper], bytes]]] = {
    "PDF, two columns": ("a.pdf", pdf),
    "PDF, two columns, ligatures": ("a.pdf", partial(pdf, ligatures=True)),
    "PDF, one column": ("a.pdf", partial(pdf, columns=1)),
    "PDF, two columns, Times": ("a.pdf", lambda true: pdf(latin(true), times=True)),
    "DOCX": ("a.docx", word),
    "HTML": ("a.html", html),
    "EPUB": ("a.epub", epub),
    "JATS": ("a.xml", jats),
}


def row(kind: str, language: str, seeds: int) -> str:
    """Return one line of the table: what was found of `seeds` reviews, markers raised in half."""
    name, write = KINDS[kind]
    found: list[Found] = []
    seconds = 0.0
    for seed in range(100, 100 + seeds):
        true = paper(language, seed, raised=bool(seed % 2))
        data = write(true)
        started = time.perf_counter()
        review = read_bytes(data, Path(name))
        seconds += time.perf_counter() - started
        found.append(measure(latin(true) if "Times" in kind else true, review))
    return " | ".join(
        [
            f"| {kind} | {language}",
            _share(sum(each.exact for each in found), sum(each.sentences for each in found)),
            str(sum(len(each.strange) for each in found)),
            str(sum(len(each.furniture) for each in found)),
            "yes" if all(each.in_order for each in found) else "no",
            *(
                _share(
                    sum(getattr(each, part)[0] for each in found),
                    sum(getattr(each, part)[1] for each in found),
                )
                for part in ("captions", "rows", "headings", "superscripts")
            ),
            f"{seconds / seeds:.2f} |",
        ]
    )


def _share(right: int, count: int) -> str:
    return f"{right} of {count}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="?", default=10)
    seeds = parser.parse_args().seeds
    print(
        "| format | language | sentences exact | others quoted | furniture quoted | in order | captions"
        " | table rows | headings | superscripts | seconds a review |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for language in ("en",) if "Times" in kind else ("en", "zh"):
            print(row(kind, language, seeds), flush=True)


if __name__ == "__main__":
    main()
