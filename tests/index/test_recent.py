"""What was asked last is kept, and no more."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from index.recent import Recent


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=30), st.integers(0, 4))
def test_the_values_are_right_and_what_is_kept_is_bounded(
    asked: list[list[str]], limit: int
) -> None:
    recent: Recent[str] = Recent(limit)
    order: list[str] = []
    for keys in asked:
        made: list[str] = []

        def make(missing: Sequence[str], made: list[str] = made) -> list[str]:
            made += missing
            return [key.upper() for key in missing]

        kept = order[len(order) - min(limit, len(order)) :]
        assert recent.values(keys, make) == [key.upper() for key in keys]
        assert made == [key for key in dict.fromkeys(keys) if key not in kept]
        for key in keys:
            order = [each for each in order if each != key] + [key]
