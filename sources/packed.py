"""Reviews as plain data, and back: how they are stored, and how they come from another process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from .alignment import Alignment
from .layout import Float, Layout, Section, SetAside
from .record import Record
from .review import Review

_NAMED = {"id", "sha256", "file", "place", "record", "raw", "layout"}
_REST = tuple(each.name for each in fields(Review) if each.name not in _NAMED)


def pack_content(review: Review) -> tuple[str, str, str]:
    """Return what was read off a file: its raw text, and as JSON its layout and the rest."""
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


def unpack_review(
    id: str, sha256: str, place: str, record: Record, raw: str, layout: str, rest: str
) -> Review:
    found = _layout(json.loads(layout))
    more = {name: _tuples(value) for name, value in json.loads(rest).items()}
    return Review(id, sha256, Path(place).name, place, record, raw, found, **more)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _layout(told: Mapping[str, Any]) -> Layout:
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
