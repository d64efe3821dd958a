"""What the adapter is worth on paragraphs of another kind: `python -m benchmarks.paragraphs FILE...`.

`yuanwen evaluate FILE...` with the weights as they come and with the adapter.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from index import SentenceTransformerEncoder
from index.weights import bundled_model
from qa.paragraphs import measure, read_squad, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="parallel files of the SQuAD format")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    sets = [read_squad(file, options.every) for file in options.files]
    for weights, model in (
        ("as they come", bundled_model(adapter=None)),
        ("with the adapter", bundled_model()),
    ):
        print(f"\nWeights {weights}:\n")
        print(table(measure(sets, SentenceTransformerEncoder(model))), flush=True)


if __name__ == "__main__":
    main()
