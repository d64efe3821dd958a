"""Buckets that refill, waits that grow; both forget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.doors.rates import Buckets, Rate, Waits


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    buckets = Buckets(Rate(3, 0.5), lambda: now[0])
    assert [buckets.take("li") for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.take("wang") == 0
    now[0] = 1.0
    assert buckets.wait("li") == buckets.take("li") == 1
    now[0] = 2.0
    assert [buckets.take("li"), buckets.take("li")] == [0, 2]
    buckets.give_back("li")
    assert buckets.take("li") == 0


@given(st.lists(st.floats(0, 5), max_size=80))
def test_nobody_gets_more_than_burst_and_rate(pauses: list[float]) -> None:
    now = [0.0]
    buckets = Buckets(Rate(4, 2.0), lambda: now[0])
    given = 0
    for pause in pauses:
        now[0] += pause
        given += buckets.take("li") == 0
    assert given <= 4 + 2.0 * now[0] + 1e-6


def test_waits_double_up_to_the_longest_and_are_forgotten() -> None:
    now = [100.0]
    waits = Waits(lambda: now[0])
    waited = []
    for _ in range(12):
        wait = waits.take("li")
        if wait:
            assert waits.take("li") == wait  # asking does not make it longer
            now[0] += wait
            assert waits.take("li") == 0
        waited.append(wait)
    assert waited == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert waits.take("wang") == 0
    waits.forget("li")
    assert waits.take("li") == 0
    for _ in range(20):
        now[0] += waits.take("li")
    now[0] += Waits.FORGOTTEN + 1
    assert [waits.take("li") for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("kept", [Buckets(Rate(1, 1), most=50), Waits(most=50)])
def test_memory_is_bounded(kept: Buckets | Waits) -> None:
    for at in range(1000):
        kept.take(f"10.0.{at // 256}.{at % 256}")
    assert len(kept) == 50
