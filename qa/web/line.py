"""The one line in which every question waits: bounded, fair between those who ask, never stuck.

A processor that is asked more than it can answer answers nobody in time, so whoever would have
to wait too long is told at once to try again. What is held is far less than what would keep the
last one waiting longer than twenty single questions take (`benchmarks/load.md`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

AT_ONCE = 5
"""Questions that are worked on together: while some are ranked, the others are read in one go."""
MOST = 10
"""Questions that are held at a time, worked on or waiting."""
EACH = 4
"""Questions of one asker that may wait."""
LIMIT = 20.0
"""Seconds that a question may take, waiting and work together."""
LEAVE = 3.0
"""Seconds that questions are given to end when the program is stopped."""
AGAIN = 1
"""Seconds after which one who was turned away may try again."""

Found = TypeVar("Found")


class Busy(RuntimeError):
    """No question can be taken now, or this one took too long; the message is for the reader."""


_BUSY = "忙，请稍后再试 / busy; try again in a moment"
_ENOUGH = (
    "你还有问题在等，请稍后再试 / busy: your other questions come first; try again in a moment"
)
_LATE = (
    f"忙，{LIMIT:.0f} 秒内没能回答，请稍后再试 / busy: no answer within {LIMIT:.0f} s; "
    "try again in a moment"
)
_LEAVING = "忙，服务正在停止，请稍后再试 / busy: the server is stopping; try again in a moment"


@dataclass(eq=False)
class _Asked:
    work: Callable[[], Any]
    found: asyncio.Future[Any]


class Line:
    """Work that waits for its turn; of one event loop.

    Those who ask take turns, however much each of them asks.
    """

    def __init__(
        self, at_once: int = AT_ONCE, most: int = MOST, each: int = EACH, limit: float = LIMIT
    ) -> None:
        self.at_once, self.most, self.each, self.limit = at_once, most, each, limit
        self._threads = ThreadPoolExecutor(at_once, "asking")
        self._waiting: OrderedDict[str, deque[_Asked]] = OrderedDict()
        self._working: set[asyncio.Future[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many questions are held, worked on or waiting."""
        return len(self._working) + sum(map(len, self._waiting.values()))

    async def ask(self, who: str, work: Callable[[], Found]) -> Found:
        """Do some work in a thread when it is its turn, and return what it returns.

        Cancelled while it waits, it is never begun; begun, it ends by itself, and keeps its place
        until then. Raises Busy at once where too much waits, and later where it takes too long.
        """
        found: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._take_in(who, _Asked(work, found))
        try:
            return await asyncio.wait_for(found, self.limit)
        except TimeoutError:
            raise Busy(_LATE) from None

    async def close(self) -> None:
        """Turn away all who wait and all who come, and wait for the work that was begun."""
        self._closed = True
        for asked in [asked for waiting in self._waiting.values() for asked in waiting]:
            asked.found.set_exception(Busy(_LEAVING))
        self._waiting.clear()
        if self._working:
            await asyncio.wait(self._working, timeout=LEAVE)

    def _take_in(self, who: str, asked: _Asked) -> None:
        if self._closed:
            raise Busy(_LEAVING)
        if len(self) >= self.most:
            raise Busy(_BUSY)
        if len(self._waiting.get(who, ())) >= self.each:
            raise Busy(_ENOUGH)
        self._waiting.setdefault(who, deque()).append(asked)
        asked.found.add_done_callback(lambda _: self._leave(who, asked))
        self._begin()

    def _leave(self, who: str, asked: _Asked) -> None:
        """Take out of the line what was given up before it was begun."""
        waiting = self._waiting.get(who, deque())
        if asked in waiting:
            waiting.remove(asked)
            if not waiting:
                del self._waiting[who]

    def _begin(self) -> None:
        """Begin what may be begun; of each asker one, then again."""
        while self._waiting and len(self._working) < self.at_once:
            who, waiting = self._waiting.popitem(last=False)
            asked = waiting.popleft()
            if waiting:
                self._waiting[who] = waiting  # behind all others
            if not asked.found.done():
                self._work(asked)

    def _work(self, asked: _Asked) -> None:
        working = asyncio.get_running_loop().run_in_executor(self._threads, asked.work)

        def end(_: object) -> None:
            self._working.discard(working)
            error = working.exception()
            if not asked.found.done():  # somebody is still there to be told
                if error:
                    asked.found.set_exception(error)
                else:
                    asked.found.set_result(working.result())
            self._begin()

        self._working.add(working)
        working.add_done_callback(end)
