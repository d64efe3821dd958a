"""A review that another process read: believed only where every type and offset of it fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from itertools import pairwise
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .packed import unpack_record, unpack_review
from .review import Review


def arrived(told: Any, id: str, sha256: str, place: str) -> Review:
    """Return the review that plain data describe; raises ValueError where they describe none."""
    try:
        record = unpack_record(told["record"], "{}")
        review = unpack_review(id, sha256, place, record, told["raw"], told["layout"], told["rest"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no review: {error!r}") from None
    if not fits(review, Review) or not _is_within(review):
        raise ValueError("a type or an offset does not fit")
    return review


def fits(value: Any, kind: Any) -> bool:
    """Tell whether a value, and all that a dataclass or tuple holds, is of the type declared."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin is tuple and inner[-1:] == (...,):
        return type(value) is tuple and all(fits(each, inner[0]) for each in value)
    if origin is tuple:
        return type(value) is tuple and len(value) == len(inner) and all(map(fits, value, inner))
    if type(value) is not kind:
        return False
    if not is_dataclass(kind):
        return True
    return all(fits(getattr(value, name), each) for name, each in _fields(kind))


def _fields(kind: type) -> Iterable[tuple[str, Any]]:
    return get_type_hints(kind).items()


def _is_within(review: Review) -> bool:
    text, raw = len(review.text), len(review.raw)
    spans = [*review.layout.paragraphs, *((each.start, each.end) for each in review.layout.floats)]
    parts = [(part.start, part.end) for part in review.sections]
    parts += [span for part in review.sections for span in (part.heading, part.title)]
    aside = [(each.raw_start, each.raw_end) for each in review.set_aside]
    return (
        _is_aligned(review.alignment.starts, review.alignment.raws, text, raw)
        and all(0 <= start < end <= text for start, end in spans)
        and all(0 <= start <= end <= text for start, end in parts)
        and all(0 <= start <= end <= raw for start, end in (*aside, *review.superscripts))
        and all(
            part.parent is None or 0 <= part.parent < at for at, part in enumerate(review.sections)
        )
        and _rises(review.layout.paragraphs)
        and _rises(review.pages)
        and all(0 <= page <= raw for page in review.pages)
    )


def _is_aligned(starts: Sequence[int], raws: Sequence[int], text: int, raw: int) -> bool:
    """Tell whether every character of the text stands at one of the raw text."""
    if len(starts) != len(raws) or (starts[:1] != (0,) if text else starts):
        return False
    ends = (*starts[1:], text)
    return all(
        start < end and at >= 0 and at + end - start <= raw
        for start, end, at in zip(starts, ends, raws, strict=True)
    )


def _rises(values: Sequence[Any]) -> bool:
    return all(one <= next for one, next in pairwise(values))
