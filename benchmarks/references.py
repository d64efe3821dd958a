"""How well bibliographies are read: `python -m benchmarks.references` prints the table.

Reviews are made from known truth over seeds (`tests/bibliographies.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from tests.bibliographies import LANGUAGES, Made, make, truth

SEEDS = range(40)


def measure(made: Made) -> Counter[str]:
    """Count what was read right and wrong in one made review."""
    review = made.read()
    places = {bare(written): at for at, written in enumerate(made.entries)}
    found: Counter[str] = Counter(entries=len(made.entries))
    for reference in review.references:
        at = places.get(bare(review.text[reference.start : reference.end]))
        found["entries exact"] += at is not None
        if at is None:
            continue
        for key, value in truth(made.works[at], made.style).items():
            found["fields"] += 1
            if key in reference.csl:
                right = alike(reference.csl[key], value)
                found["fields right" if right else "fields wrong"] += 1
    for sentence in made.sentences:
        span = review.alignment.text_span(sentence.start, sentence.end)
        cited = review.cited(*span) if span else ()
        got = [
            None
            if each.reference is None
            else places.get(bare(review.text[each.reference.start : each.reference.end]), -1)
            for each in cited
        ]
        wanted = list(sentence.cites)
        found["markers"] += len(wanted)
        found["false"] += max(0, len(got) - len(wanted))
        for each in wanted:
            if each in got:
                found["right"] += 1
                got.remove(each)
        found["wrong"] += sum(each is not None for each in got)
    return found


def bare(text: str) -> str:
    """Leave out what layout repair sets: white space and the width of forms."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def alike(read: object, true: object) -> bool:
    if isinstance(read, str) and isinstance(true, str):
        return bare(read) == bare(true)
    return read == true


def measured() -> dict[tuple[str, str], Counter[str]]:
    return {
        (language, style): sum((measure(make(seed, language, style)) for seed in SEEDS), Counter())
        for language, styles in LANGUAGES.items()
        for style in styles
    }


def table(rows: dict[tuple[str, str], Counter[str]]) -> str:
    lines = [
        "| language | style | markers | resolved right | wrongly | not markers, taken for | entries | cut exactly | fields told | read | wrongly |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (language, style), row in rows.items():
        lines.append(
            f"| {language} | {style} | {row['markers']} | {row['right'] / row['markers']:.2%} | {row['wrong']} | {row['false']}"
            f" | {row['entries']} | {row['entries exact'] / row['entries']:.2%} | {row['fields']}"
            f" | {row['fields right'] / row['fields']:.1%} | {row['fields wrong']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measured()))
