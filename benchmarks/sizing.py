"""What a library of any size needs, worked out from what one passage costs.

`python -m benchmarks.sizing` prints the tables of `docs/deployment.md`; `--json` the numbers,
`--set bytes_tokens=1800` puts another figure in place of an input. The inputs are measured, each
with the place it comes from; the rest is arithmetic.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

GB = 1e9
SIZES = (10**4, 10**6, 10**7, 10**8)


@dataclass(frozen=True, slots=True)
class Input:
    """One measured figure."""

    value: float
    unit: str
    source: str


INPUTS = {
    "sentences": Input(3.5, "sentences in a passage", "the bundled reviews: 156 in 45"),
    "dimension": Input(384, "numbers in a vector", "the bundled encoder"),
    "tokens": Input(39.7, "tokens in a sentence", "the bundled reviews; benchmarks/build.md"),
    "bytes_text": Input(
        1_400, "bytes of file, texts and layout for a passage", "the bundled reviews: 63,044 in 45"
    ),
    "bytes_tokens": Input(108, "bytes of a token's vector", "benchmarks/build.md"),
    "bytes_vector": Input(
        1_536, "bytes of a sentence's or passage's vector in the database", "4 a number"
    ),
    "bytes_words": Input(
        161, "bytes of a sentence in the embedded word index", "benchmarks/build.md: 645 a passage"
    ),
    "terms": Input(30, "terms of a sentence", "the bundled reviews: 4,754 in 156"),
    "different": Input(26, "different terms of a sentence", "the bundled reviews: 4,091 in 156"),
    "encoding": Input(18, "passages encoded in a second on 2 cores", "benchmarks/build.md"),
    "load": Input(
        0.9, "share of the query nodes' memory that data may take", "milvus.io/docs/limitations.md"
    ),
    "links": Input(32, "links of a vector in the HNSW graph", "index/milvus/collections.py: 2 x M"),
    "node": Input(128, "GB of memory of a query node", "chosen"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """What so many passages need; sizes in GB."""

    passages: int
    database: float
    embedded: float
    embedded_memory: float
    dense: float
    quantised: float
    sparse: float
    nodes: int
    quantised_nodes: int
    encoding_days: float


def need(passages: int, given: Mapping[str, float]) -> Need:
    """Work out what a library needs on disk, in memory, in nodes and in time.

    `embedded` is FAISS as it stands on one machine: flat up to 50,000 vectors of a language, a
    byte a number above. `dense` is an HNSW graph over float32 in Milvus, `quantised` the same
    over a byte a number, `sparse` the inverted lists of the terms with the rows they come from.
    """
    sentences = passages * given["sentences"]
    vectors = passages + sentences
    dimension = given["dimension"]
    tokens = sentences * given["tokens"] * given["bytes_tokens"]
    database = passages * given["bytes_text"] + vectors * given["bytes_vector"] + tokens
    byte_a_number = dimension + 8
    flat = sentences <= 50_000
    faiss = vectors * (4 * dimension + 8 if flat else byte_a_number)
    embedded = faiss + sentences * given["bytes_words"]
    graph = 4 * given["links"]
    dense = vectors * (4 * dimension + graph)
    quantised = vectors * (dimension + graph)
    # A posting is an id and a number; the row keeps its own copy, to be given back.
    sparse = sentences * given["different"] * (8 + 8)
    holds = given["node"] * GB * given["load"]
    return Need(
        passages,
        *(each / GB for each in (database, embedded, faiss, dense, quantised, sparse)),
        nodes=ceil((dense + sparse) / holds),
        quantised_nodes=ceil((quantised + sparse) / holds),
        encoding_days=passages / given["encoding"] / 86_400,
    )


_ROWS = {
    "database on disk (texts, vectors, tokens), GB": "database",
    "embedded indexes on disk, GB": "embedded",
    "– of it vectors, which are in memory if not mapped, GB": "embedded_memory",
    "Milvus: vectors as HNSW over float32, GB of memory": "dense",
    "Milvus: vectors as HNSW over a byte a number, GB of memory": "quantised",
    "Milvus: terms, GB of memory": "sparse",
    "query nodes, float32": "nodes",
    "query nodes, a byte a number": "quantised_nodes",
    "encoding on the 2 cores measured, days": "encoding_days",
}


def tables(given: Mapping[str, float]) -> str:
    """Return the inputs and the needs as Markdown."""
    lines = ["| input | value | measured where |", "|---|---|---|"]
    for name, each in INPUTS.items():
        source = each.source if given[name] == each.value else "given"
        lines.append(f"| `{name}`: {each.unit} | {given[name]:,g} | {source} |")
    found = [need(size, given) for size in SIZES]
    lines += ["", "| passages | " + " | ".join(f"{each.passages:,}" for each in found) + " |"]
    lines.append("|---" * (len(found) + 1) + "|")
    for said, field in _ROWS.items():
        told = (getattr(each, field) for each in found)
        lines.append(f"| {said} | " + " | ".join(map(_figure, told)) + " |")
    return "\n".join(lines)


def _figure(number: float) -> str:
    if isinstance(number, int):
        return f"{number:,}"
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Print what libraries of several sizes need.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--set", action="append", default=[], metavar="INPUT=VALUE")
    options = parser.parse_args()
    given: dict[str, Any] = {name: each.value for name, each in INPUTS.items()}
    for told in options.set:
        name, _, value = told.partition("=")
        if name not in INPUTS:
            parser.error(f"{name}: no such input; use one of: {', '.join(INPUTS)}")
        given[name] = float(value)
    if options.json:
        found = [need(size, given) for size in SIZES]
        print(
            json.dumps(
                [
                    {name: getattr(each, name) for name in ("passages", *_ROWS.values())}
                    for each in found
                ]
            )
        )
    else:
        print(tables(given))


if __name__ == "__main__":
    main()
