"""What a review is stored with: its vectors, its places, what people said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources import Record, Review

from .errors import LibraryError
from .late import Tokens

Vectors = NDArray[np.float32]


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
