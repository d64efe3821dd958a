"""Reviews as rows of the database, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources import Record, Review, Section, SetAside
from sources.alignment import Alignment
from sources.layout import Float, Layout

from .errors import LibraryError
from .late import Tokens

Vectors = NDArray[np.float32]

_NAMED = {"id", "sha256", "file", "place", "record", "raw", "layout"}
_REST = tuple(each.name for each in fields(Review) if each.name not in _NAMED)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A review with its file's bytes and, in order, the vectors of its passages and sentences.

    `tokens` are those of its sentences, `model` the fingerprint of the encoder.
    """

    review: Review
    data: bytes
    model: str
    passages: Vectors
    sentences: Vectors
    tokens: Sequence[Tokens]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a review's file stands, or stood: its size and time of change when it was read.

    Both are None where they cannot tell whether the file is still the same.
    """

    path: str
    size: int | None = None
    modified: int | None = None


def pack_content(review: Review) -> tuple[str, str, str]:
    """Return what was read off a file, as the columns `raw`, `layout` and `rest`."""
    layout = json.dumps(asdict(review.layout), ensure_ascii=False)
    rest = {name: getattr(review, name) for name in _REST}
    return review.raw, layout, json.dumps(rest, ensure_ascii=False)


def pack_record(record: Record) -> str:
    return json.dumps(asdict(record), ensure_ascii=False)


def unpack_record(record: str, told: str) -> Record:
    """Return a record as it was read, with what people said of the review over it."""
    return replace(Record(**_fields(record)), **_fields(told))


def _fields(text: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text)
    return {**told, "authors": tuple(told["authors"])} if "authors" in told else told


def checked(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a record as they are stored; raises LibraryError for what is none.

    `authors` may be a sequence of names, or one string with semicolons between them.
    """
    known = {each.name for each in fields(Record)} - {"title_assigned", "note"}
    fit: dict[str, Any] = {}
    for name, value in told.items():
        if name not in known:
            raise LibraryError(
                f"{name}: 没有这一项，可用：{', '.join(sorted(known))} / no such field; "
                f"use one of: {', '.join(sorted(known))}"
            )
        fit[name] = _checked(name, value)
    return fit


def _checked(name: str, value: Any) -> Any:
    if not value:
        return None
    if name == "authors":
        listed = re.split("[;；]", value) if isinstance(value, str) else list(value)
        return [author.strip() for author in map(str, listed) if author.strip()]
    if name == "year":
        if not str(value).isdecimal():
            raise LibraryError(f"{value}: 年份应是数字 / a year is a number")
        return int(value)
    if name == "language" and value not in ("zh", "en"):
        raise LibraryError(f"{value}: 语言应是 zh 或 en / the language is zh or en")
    return str(value).strip() or None


def unpack_review(
    id: str, sha256: str, place: str, record: Record, raw: str, layout: str, rest: str
) -> Review:
    found = _layout(json.loads(layout))
    more = {name: _tuples(value) for name, value in json.loads(rest).items()}
    return Review(id, sha256, Path(place).name, place, record, raw, found, **more)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _layout(told: dict[str, Any]) -> Layout:
    return Layout(
        text=told["text"],
        alignment=Alignment(*map(tuple, told["alignment"].values())),
        sections=tuple(
            Section(**{**part, "heading": tuple(part["heading"]), "title": tuple(part["title"])})
            for part in told["sections"]
        ),
        paragraphs=tuple((start, end) for start, end in told["paragraphs"]),
        set_aside=tuple(SetAside(**aside) for aside in told["set_aside"]),
        floats=tuple(Float(**each) for each in told.get("floats", ())),
    )
