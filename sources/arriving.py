"""Reviews from another process or a library's file: believed where every type and offset fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import cache
from itertools import pairwise
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .packed import unpack_record, unpack_review
from .record import Record
from .review import Review

_SENSELESS = (KeyError, TypeError, AttributeError, RecursionError)
"""What unpacking raises, beside ValueError, where the data are of another shape."""


def arrived(told: Any, id: str, sha256: str, place: str) -> Review:
    """Return the review that plain data describe; raises ValueError where they describe none.

    `told` has what `packed` makes of a review, by name; under `told`, what people said of it.
    """
    try:
        record = known(told["record"], told.get("told", "{}"))
        review = unpack_review(id, sha256, place, record, told["raw"], told["layout"], told["rest"])
    except _SENSELESS as error:
        raise ValueError(f"no review: {error!r}") from None
    if not fitting(Review)(review) or not _is_within(review):
        raise ValueError("a type or an offset does not fit")
    return review


def known(record: str, told: str) -> Record:
    """Return a record with what people said over it; raises ValueError where it is none."""
    try:
        found = unpack_record(record, told)
    except _SENSELESS as error:
        raise ValueError(f"no record: {error!r}") from None
    if not fitting(Record)(found):
        raise ValueError("a type does not fit")
    return found


@cache
def fitting(kind: Any) -> Callable[[Any], bool]:
    """Return what tells whether a value, and all that it holds, is of the type declared."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return lambda value: value in inner
    if origin in (Union, UnionType):
        either = [fitting(each) for each in inner]
        return lambda value: any(fits(value) for fits in either)
    if origin is tuple and inner[-1:] == (...,):
        return _all_fitting(inner[0])
    if origin is tuple:
        parts = [fitting(each) for each in inner]
        return lambda value: (
            type(value) is tuple
            and len(value) == len(parts)
            and all(fits(part) for fits, part in zip(parts, value, strict=True))
        )
    if is_dataclass(kind):
        fields = [(attrgetter(name), fitting(each)) for name, each in get_type_hints(kind).items()]
        return lambda value: type(value) is kind and all(fits(of(value)) for of, fits in fields)
    return lambda value: type(value) is kind


def _all_fitting(kind: Any) -> Callable[[Any], bool]:
    if kind in (int, str):  # by far the most
        return lambda value: type(value) is tuple and set(map(type, value)) <= {kind}
    fits = fitting(kind)
    return lambda value: type(value) is tuple and all(map(fits, value))


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
