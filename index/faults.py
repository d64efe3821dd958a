"""Why a library, or a review of it, cannot be quoted as it is, each with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sources import REPAIR_VERSION

from .encoder import Encoder
from .places import has_changed
from .schema import FORMAT
from .store import Store


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, told in one line, and what repairing it would touch.

    `"review"`: `review` is made anew from its bytes; `"derived"`: sums and indexes are made anew;
    `None`: only people can cure it.
    """

    told: str
    part: Literal["review", "derived"] | None = None
    review: str | None = None


def stale(store: Store, encoder: Encoder) -> Iterator[Fault]:
    """Yield why the library cannot be searched by this program with this model."""
    versions, folder = store.versions(), store.folder
    cure = "请运行 `yuanwen rebuild` / run `yuanwen rebuild`"
    if versions.format != FORMAT:
        yield Fault(
            f"{folder}: 文献库格式 {versions.format}，本程序读 {FORMAT}，请用配套版本 / "
            f"library format {versions.format}, this program reads {FORMAT}; use the version it was made with"
        )
        return
    for made in store.made_otherwise(encoder.fingerprint)[:1]:
        if made.repair != REPAIR_VERSION:
            yield Fault(
                f"{folder}: 文本由另一版本整理 / the texts were repaired by another version; {cure}"
            )
        if made.model != encoder.fingerprint:
            yield Fault(
                f"{folder}: 由另一模型建立（{made.model}，现用 {encoder.fingerprint}）/ "
                f"made with another model; {cure}"
            )


def changed(store: Store, review: str) -> Iterator[Fault]:
    """Yield that a review was taken out meanwhile, or that its file is not what it was, unless it
    stands unchanged elsewhere."""
    if not store.holds(review):
        yield Fault(
            f"{review}: 刚被移出文献库，请再问一次 / was just taken out of the library; ask again"
        )
        return
    sha256 = store.sha256(review)
    places = [place for place in store.places(review) if Path(place.path).exists()]
    if places and all(has_changed(place, sha256) for place in places):
        path = places[0].path
        yield Fault(
            f"{path}: 文件在添加之后改动过，请运行 `yuanwen add` 重新添加 / the file has changed "
            f"since it was added; run `yuanwen add {path}`"
        )
