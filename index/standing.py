"""Where passages and sentences stand: of which review, from where to where."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .lookup import Lookup

_OF = {
    "passage": "passage x JOIN review r ON r.number = x.review",
    "sentence": "sentence x JOIN passage p ON p.id = x.passage JOIN review r ON r.number = p.review",
}


class Standing(Lookup):
    """What an engine outside of the library's folder must know of them."""

    def standing(self, kind: str, ids: Iterable[int]) -> list[tuple[int, int, str, str, int, int]]:
        """Return `(id, review number, review id, language, start, end)` of those there are."""
        return self._all(
            f'SELECT x.id, r.number, r.id, x.language, x.start, x."end" FROM {_OF[kind]}'
            " JOIN json_each(?) j ON x.id = j.value ORDER BY x.id",
            json.dumps(list(ids)),
        )

    def count_within(self, kind: str, reviews: Iterable[str]) -> int:
        """Return how many passages or sentences some reviews have."""
        (row,) = self._all(
            f"SELECT count(*) FROM {_OF[kind]} JOIN json_each(?) j ON r.id = j.value",
            json.dumps(list(set(reviews))),
        )
        return int(row[0])
