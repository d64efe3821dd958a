"""Send what the API's own description allows, and what it does not, to the server as it runs.

`python -m tests.fuzz.requesting FOLDER COUNT SEED` prints what was found wrong, one line each.
"""

from __future__ import annotations

import logging
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode

import app
from index import Library
from qa import Assistant, Verifier
from qa.web.opening import Loader

from ..hashed import Hashed
from ..serving import serving

WORDS = ("骨量如何？", "瘦素与骨密度", "liver and bone loss", "那儿童呢？", "RANKL/OPG", "13")
MODES = {
    "GET /api/sources": [GenerationMode.POSITIVE],
    "GET /api/health": [GenerationMode.POSITIVE],
    "POST /api/ask": list(GenerationMode),
}
"""Of each operation; those that take nothing can be sent in one way only."""


class Requests:
    """Sends requests of every operation and notes what came back that should not have."""

    def __init__(self, address: str, library: Library, start: int) -> None:
        self.schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
        self.wrong: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.quotes = 0
        self._verifier, self._start = Verifier(library), start

    def send(self, name: str, mode: GenerationMode, examples: int) -> None:
        """Send so many requests of one operation, as it is described or not."""
        operation, number = self.schema[name.split()[1]][name.split()[0]], count()
        chance = random.Random(self._start)

        @seed(self._start)
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            if next(number) % 2 and isinstance(case.body, dict):  # or nothing would be found
                case.body = {**case.body, "question": chance.choice(WORDS), "k": 5, "sources": None}
            self._look_at(case, case.call(timeout=60))

        one()

    def _look_at(self, case: Any, response: Any) -> None:
        told, what = response.text, f"{case.method} {case.path} {str(case.body)[:300]!r}"
        self.statuses[response.status_code] += 1
        if response.status_code >= 500 or "Traceback" in told:
            self.wrong.append(f"{response.status_code}: {what}: {told[:300]}")
        elif response.status_code == 200 and case.path == "/api/ask":
            for verdict in self._verifier.verify(response.json()):
                self.quotes += 1
                if verdict.fault:
                    self.wrong.append(f"{verdict.fault}: {what}")
        elif response.status_code >= 400 and "\n" in str(response.json().get("error")):
            self.wrong.append(f"{told}: {what}")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Library]]:
    """Serve the bundled reviews, found by the quick encoder."""
    library = Library(folder / "library", Hashed())
    library.fill()
    loader = Loader(lambda _: Assistant(library))
    loader.assistant()
    with serving(app.create_app(loader)) as address:
        yield address, library
    library.close()


def request(folder: Path, total: int, start: int) -> Requests:
    """Send about so many requests, half of them as they are described."""
    logging.getLogger("hypothesis").setLevel(logging.ERROR)
    with served(folder) as (address, library):
        requests = Requests(address, library, start)
        for name, modes in MODES.items():
            for mode in modes:
                requests.send(name, mode, total // len(modes))
    return requests


def main(folder: Path, total: int, start: int) -> None:
    requests = request(folder, total, start)
    print(*(f"{each}\n" for each in requests.wrong), sep="", end="")
    told = ", ".join(f"{number} x {status}" for status, number in sorted(requests.statuses.items()))
    print(f"{told}; {requests.quotes} quotes; {len(requests.wrong)} wrong", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
