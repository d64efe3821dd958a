"""Prove a library whole: every byte, text, span and vector looked at; and what can be repaired."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from sources import REPAIR_VERSION, SourceError, read_bytes
from sources.packed import pack_content

from .encoder import Encoder
from .errors import LibraryError
from .faults import Fault, changed
from .progress import Gauge, Progress
from .renew import renew
from .sound import damage
from .store import Store

SUM = 1e-6
"""How far a kept mean may be from the mean of the vectors."""


def find_faults(
    store: Store, agrees: Callable[[], bool], progress: Progress | None
) -> Iterator[Fault]:
    """Look at all that a library holds and yield what is wrong.

    `agrees` tells whether the indexes hold what the database holds; asked if that is whole.
    """
    for told in store.broken_pages():
        yield Fault(
            f"{store.folder}: 数据库已损坏（{told}），请移走该文件夹后重新添加文献 / the database is damaged "
            f"({told}); move its folder away and add the reviews again"
        )
        return
    sizes, damaged = store.sizes(), False
    gauge = Gauge(progress, len(sizes), sum(sizes.values()))
    for id in store.ids():
        gauge.begin(id)
        for fault in _faults_of(store, id):
            damaged |= fault.part == "review"
            yield fault
        gauge.finish(sizes.get(id, 0))
    if not damaged and not (_sums_are_right(store) and agrees()):
        yield Fault(
            f"{store.folder}: 索引与数据库不一致，请运行 `yuanwen check --repair` / the indexes do not agree "
            "with the database; run `yuanwen check --repair`",
            "derived",
        )


def _faults_of(store: Store, id: str) -> list[Fault]:
    with store.snapshot():
        if not store.holds(id):  # another process has just removed it
            return []
        damage = _damage(store, id)
        cure = "请运行 `yuanwen check --repair` / run `yuanwen check --repair`"
        told = [Fault(f"{id}: {damage}; {cure}", "review", id)] if damage else []
        return [*changed(store, id), *told]


def _damage(store: Store, id: str) -> str | None:
    """Say what is wrong with a stored review, or None."""
    data, places = store.data(id), store.places(id)
    if hashlib.sha256(data).hexdigest() != store.sha256(id):
        return "库中文件已损坏 / the stored file is damaged"
    if not places:
        return "没有来处 / it has no place"
    try:
        review = store.review(id)
        if store.repair(id) == REPAIR_VERSION:
            again = read_bytes(data, Path(places[0].path), store.record(id), id)
            if pack_content(again) != pack_content(review):
                return "文字不是文件读出的文字 / the text is not what its file says"
    except (LibraryError, SourceError):
        return "库中文字已损坏 / the stored text is damaged"
    if told := damage(store, review):
        return told
    kept, now = store.coded(id)
    if kept != now:
        return "位置或向量不是当初所存 / a span or vector is not what was stored"
    return None


def _sums_are_right(store: Store) -> bool:
    with store.snapshot():
        return all(map(partial(_sum_is_right, store), ("passage", "sentence")))


def _sum_is_right(store: Store, kind: str) -> bool:
    try:
        totals = store.totals(kind)
    except LibraryError:
        return False
    if sum(count for count, _ in totals.values()) != store.count_of(kind):
        return False
    for language, (count, mean) in totals.items():
        true = np.zeros(len(mean))
        for _, vectors in store.chunks(kind, language):
            if vectors.shape[1] != len(mean):
                return False
            true += vectors.sum(axis=0, dtype=np.float64)
        if np.abs(true / count - mean).max() > SUM:
            return False
    return True


def repair(
    store: Store, encoder: Encoder, faults: Sequence[Fault], progress: Progress | None
) -> None:
    """Read damaged reviews anew from their bytes, and make the sums of the vectors anew.

    Bytes that are damaged are had from where the file stands, if it stands there unchanged; a
    review whose bytes are lost is left as it is.
    """
    damaged = [each.review for each in faults if each.part == "review" and each.review]
    usable = [id for id in damaged if _has_bytes(store, id)]
    renew(store, encoder, usable, progress, damaged=True)
    if faults:
        with store.change() as change:
            change.sum_anew()


def _has_bytes(store: Store, id: str) -> bool:
    """Tell whether a review's bytes can be had, and put them right if they are not."""
    sha256 = store.sha256(id)
    if hashlib.sha256(store.data(id)).hexdigest() == sha256:
        return bool(store.places(id))
    for place in map(Path, (place.path for place in store.places(id))):
        data = place.read_bytes() if place.is_file() else b""
        if hashlib.sha256(data).hexdigest() == sha256:
            with store.change() as change:
                change.restore(id, data)
            return True
    return False
