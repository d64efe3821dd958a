"""One file into the library: skipped, named, added or put in place of what it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sources import Item, Passage, Review, SourceError

from .encoder import Encoder
from .places import absolute, place_of
from .progress import Gauge
from .rows import Encoded, Place
from .store import Store

What = Literal["added", "replaced", "unchanged", "named", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: `review` is the id it has in the library, `fault` why it has none.

    `"named"`: its content was held already, and is now known by this place too. `"removed"`: its
    place is forgotten, and the review unless it has another.
    """

    what: What
    path: str
    review: str | None = None
    fault: str | None = None


def take(found: Item | SourceError, store: Store, encoder: Encoder, gauge: Gauge) -> Taken:
    """Read a file and add it, all of it or nothing; `"failed"` if it cannot be used."""
    if isinstance(found, SourceError):
        return Taken("failed", "", fault=str(found))
    gauge.begin(found.path.name)
    try:
        return _take(found, store, encoder, gauge)
    except SourceError as error:
        return Taken("failed", absolute(found.path), fault=str(error))
    finally:
        gauge.finish(len(found.data))


def _take(item: Item, store: Store, encoder: Encoder, gauge: Gauge) -> Taken:
    place = place_of(item.path, item.data)
    sha256 = hashlib.sha256(item.data).hexdigest()
    held, standing = store.holding(sha256), store.standing_at(place.path)
    if held is not None and held == standing:
        return Taken("unchanged", place.path, held)
    if held is not None and _name(store, held, place):
        return Taken("named", place.path, held)
    encoded = encode(item.read(), item.data, encoder, gauge)
    return put(store, encoded, place)


def encode(review: Review, data: bytes, encoder: Encoder, gauge: Gauge) -> Encoded:
    """Turn the passages and sentences of a review into vectors.

    A sentence's vector is of the sentence as it stands in its passage; its tokens' vectors are of
    the sentence alone, so that what only its neighbours say is not found in it.
    """
    advance = gauge.within(len(data), len(review.passages) + len(review.sentences))
    texts, spans = zip(*map(_under_its_heading, review.passages), strict=True)
    parts = encoder.encode_parts(texts, spans, advance)
    alone = [sentence.text for sentence in review.sentences]
    _, tokens = encoder.encode_tokens(alone, "passage", advance)
    around = np.stack([each.vector for each in parts])
    within = np.concatenate([each.vectors for each in parts])
    return Encoded(review, data, encoder.fingerprint, around, within, tokens)


def _under_its_heading(passage: Passage) -> tuple[str, list[tuple[int, int]]]:
    """Return a passage's text under its heading, and where its sentences are in that."""
    title = passage.span.review.section_title(passage.section)
    head = f"{title}\n" if title else ""
    begin = passage.span.start - len(head)
    spans = [(span.start - begin, span.end - begin) for span in passage.sentences]
    return head + passage.span.text, spans


def _name(store: Store, review: str, place: Place) -> bool:
    """Give a review another place, unless another process has just removed it."""
    with store.change() as change:
        if not change.holds(review):
            return False
        change.forget(place.path)
        change.name(review, place)
    return True


def put(store: Store, encoded: Encoded, place: Place) -> Taken:
    """Add a review; what stood at its place before goes, and leaves it its id and what was told."""
    with store.change() as change:
        old = change.standing_at(place.path)
        told = change.told(old) if old else {}
        change.forget(place.path)
        if old is not None and not change.holds(old):
            return Taken("replaced", place.path, change.put(encoded, old, [place], told))
        id = change.free_id(encoded.review.id)
        held = change.put(encoded, id, [place])
    # Another process may have been faster with the same content.
    return Taken("added" if held == id else "named", place.path, held)
