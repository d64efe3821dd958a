"""Stored files read and encoded anew, each in place of what was made of it before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sources import Review, bundled_reviews, load, read_bytes
from sources.bundled import BUNDLED

from .encoder import Encoder
from .intake import encode
from .places import place_of
from .progress import Gauge, Progress
from .rows import Place
from .store import Store


def renew(
    store: Store,
    encoder: Encoder,
    ids: Sequence[str],
    progress: Progress | None,
    damaged: bool = False,
) -> list[str]:
    """Make some reviews anew, one transaction each, and return their ids."""
    sizes = store.sizes()
    gauge = Gauge(progress, len(ids), sum(sizes[id] for id in ids))
    bundled = {review.id: review for review in bundled_reviews()}
    for id in ids:
        gauge.begin(id)
        review, data, places = _read_again(store, id, bundled.get(id))
        encoded = encode(review, data, encoder, gauge)
        with store.change() as change:
            if change.holds(id):  # and nobody removed it meanwhile
                told = change.told(id)
                change.remove(id, damaged)
                change.put(encoded, id, places, told)
        gauge.finish(sizes[id])
    return list(ids)


def _read_again(
    store: Store, id: str, bundled: Review | None
) -> tuple[Review, bytes, Sequence[Place]]:
    """Read a stored file; one that came with the program as it comes with it now."""
    places = store.places(id)
    first = Path(places[0].path)
    if bundled is not None and first.parent.parts[-2:] == BUNDLED.parts[-2:]:
        data = load(Path(bundled.place))
        return bundled, data, [place_of(Path(bundled.place), data)]
    data = store.data(id)
    return read_bytes(data, first, store.record(id), id), data, places
