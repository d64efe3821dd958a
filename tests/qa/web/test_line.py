"""The line: bounded, fair, never stuck, and work that nobody waits for is not begun."""

from __future__ import annotations

import asyncio
from collections import Counter
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.web.line import Busy, Line

from ...running import run_apart


class Held:
    """Work that is held up until it is let go on; notes in which order it was begun."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.begun: list[str] = []

    def work(self, name: str) -> str:
        self.begun.append(name)
        assert self.go_on.wait(20)
        return name


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0.01)


def ask(line: Line, held: Held, who: str, name: str) -> asyncio.Task[str]:
    return asyncio.ensure_future(line.ask(who, lambda: held.work(name)))


def test_one_who_asks_a_lot_does_not_hold_up_the_others() -> None:
    async def run() -> list[str]:
        line, held = Line(at_once=1, most=20, each=10), Held()
        asked = [ask(line, held, "many", f"many {n}") for n in range(8)]
        await settle()
        asked += [ask(line, held, who, who) for who in ("one", "two")]
        await settle()
        held.go_on.set()
        assert await asyncio.gather(*asked) == [*(f"many {n}" for n in range(8)), "one", "two"]
        return held.begun

    assert run_apart(run())[:4] == ["many 0", "many 1", "one", "two"]


def test_a_full_line_turns_away_at_once_and_takes_in_again() -> None:
    async def run() -> None:
        line, held = Line(at_once=2, most=4), Held()
        asked = [ask(line, held, str(n), str(n)) for n in range(4)]
        await settle()
        with pytest.raises(Busy, match="busy"):
            await line.ask("late", lambda: None)
        assert (len(line), held.begun) == (4, ["0", "1"])
        held.go_on.set()
        assert await asyncio.gather(*asked) == ["0", "1", "2", "3"]
        assert len(line) == 0
        assert await line.ask("late", lambda: "now") == "now"

    run_apart(run())


def test_one_asker_has_room_for_a_few() -> None:
    async def run() -> None:
        line, held = Line(at_once=1, most=20, each=3), Held()
        asked = [ask(line, held, "same", str(n)) for n in range(4)]
        await settle()
        with pytest.raises(Busy, match="other questions"):
            await line.ask("same", lambda: None)
        other = ask(line, held, "other", "other")
        held.go_on.set()
        await asyncio.gather(*asked, other)

    run_apart(run())


def test_what_is_given_up_is_never_begun_and_leaves_its_place() -> None:
    async def run() -> None:
        line, held = Line(at_once=1, most=3), Held()
        asked = [ask(line, held, who, who) for who in ("one", "given up", "three")]
        await settle()
        asked[1].cancel()
        await settle()
        assert len(line) == 2
        asked.append(ask(line, held, "four", "four"))
        held.go_on.set()
        await asyncio.gather(asked[0], asked[2], asked[3])
        assert held.begun == ["one", "three", "four"]

    run_apart(run())


def test_what_was_begun_keeps_its_place_until_it_ends() -> None:
    async def run() -> None:
        line, held = Line(at_once=1), Held()
        given_up = ask(line, held, "one", "one")
        await settle()
        given_up.cancel()
        asked = ask(line, held, "two", "two")
        await settle()
        assert (len(line), held.begun) == (2, ["one"])
        held.go_on.set()
        assert await asked == "two"

    run_apart(run())


def test_what_takes_too_long_is_told() -> None:
    async def run() -> None:
        line, held = Line(at_once=1, limit=0.05), Held()
        asked = [ask(line, held, who, who) for who in ("works", "waits")]
        for each in asked:
            with pytest.raises(Busy, match="no answer within"):
                await each
        await settle()
        assert len(line) == 1  # what works cannot be stopped
        held.go_on.set()
        await settle()
        assert (len(line), held.begun) == (0, ["works"])

    run_apart(run())


def test_an_error_reaches_the_one_who_asked() -> None:
    def fail() -> None:
        raise KeyError("gone")

    async def run() -> None:
        line = Line()
        with pytest.raises(KeyError, match="gone"):
            await line.ask("one", fail)
        assert len(line) == 0

    run_apart(run())


def test_closing_ends_what_was_begun_and_turns_the_rest_away() -> None:
    async def run() -> None:
        line, held = Line(at_once=1), Held()
        begun, waiting = ask(line, held, "one", "one"), ask(line, held, "two", "two")
        await settle()
        closing = asyncio.ensure_future(line.close())
        await settle()
        with pytest.raises(Busy, match="stopping"):
            await waiting
        with pytest.raises(Busy, match="stopping"):
            await line.ask("three", lambda: None)
        held.go_on.set()
        await closing
        assert (await begun, held.begun, len(line)) == ("one", ["one"], 0)

    run_apart(run())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=40),
    st.integers(1, 3),
    st.integers(3, 12),
    st.integers(1, 5),
)
def test_whatever_comes_nothing_is_lost_and_nobody_waits_twice(
    coming: list[tuple[str, bool]], at_once: int, most: int, each: int
) -> None:
    async def run() -> None:
        line, held = Line(at_once, most, each), Held()
        asked = []
        for n, (who, leaves) in enumerate(coming):
            asked.append((f"{who}{n}", leaves, ask(line, held, who, f"{who}{n}")))
            await asyncio.sleep(0)
            assert len(line) <= most
        while len(held.begun) < min(at_once, len(line)):
            await asyncio.sleep(0.001)
        for _, leaves, task in asked:
            if leaves:
                task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        before = list(held.begun)
        held.go_on.set()
        outcomes = await asyncio.gather(*(task for *_, task in asked), return_exceptions=True)
        while len(line):
            await asyncio.sleep(0.001)
        answered = []
        for (name, leaves, _), outcome in zip(asked, outcomes, strict=True):
            assert outcome == name or isinstance(outcome, Busy) or leaves
            if outcome == name:
                answered.append(name)
        assert set(answered) <= set(held.begun)
        assert max(Counter(held.begun).values(), default=0) <= 1  # begun once, or never
        later = [name for name in held.begun if name not in before]
        assert not {name for name, leaves, _ in asked if leaves} & set(later)
        for who in "abcd":
            own = [name for name in later if name[0] == who]
            assert own == sorted(own, key=lambda name: int(name[1:]))  # in the order of asking

    run_apart(run())
