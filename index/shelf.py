"""The reviews of a library by their ids, each read from disk when it is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from threading import Lock

from sources import Review

from .store import Store

KEPT = 256
"""Reviews kept in memory, those asked for last: about 100 MB."""


class Shelf(Mapping[str, Review]):
    """A view of what the library holds now, in the order it was added."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, Review] = OrderedDict()
        self._generation = ""
        self._lock = Lock()

    def __getitem__(self, id: str) -> Review:
        generation = self._store.versions().generation
        with self._lock:
            if generation != self._generation:
                self._kept.clear()
                self._generation = generation
            if id in self._kept:
                self._kept.move_to_end(id)
                return self._kept[id]
        review = self._store.review(id)
        with self._lock:
            if generation == self._generation:
                self._kept[id] = review
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return review

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.ids())

    def __len__(self) -> int:
        return self._store.count()

    def __bool__(self) -> bool:
        return self._store.holds_any()

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self._store.holds(id)


def texts_after(
    store: Store, shelf: Mapping[str, Review], sentence: int
) -> Iterator[tuple[int, int, str]]:
    """Yield `(id, review number, text)` of the sentences added after one; each review is read once."""
    rows = store.sentences_after(sentence)
    for (number, review), own in groupby(rows, itemgetter(1, 2)):
        text = shelf[review].text
        for id, _, _, start, end in own:
            yield id, number, text[start:end]
