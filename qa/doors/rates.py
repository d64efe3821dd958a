"""How often one may do a thing: token buckets, and waits that grow with every wrong password."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

MOST = 10_000
"""Keys that are remembered; the one that was seen least recently is forgotten first."""


class Rate(NamedTuple):
    """So many at once, then so many a second."""

    burst: float
    per_second: float


class Buckets:
    """A token bucket for each key."""

    def __init__(
        self, rate: Rate, now: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        self._rate, self._now, self._most = rate, now, most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # level, when
        self._lock = Lock()

    def take(self, key: str) -> float:
        """Take one; return 0, or without taking it the seconds until there is one."""
        with self._lock:
            level = self._level(key)
            self._put(key, level - 1 if level >= 1 else level)
            return 0.0 if level >= 1 else (1 - level) / self._rate.per_second

    def wait(self, key: str) -> float:
        """Return the seconds until there is one to take."""
        with self._lock:
            return max(0.0, 1 - self._level(key)) / self._rate.per_second

    def give_back(self, key: str) -> None:
        """Put back what was taken."""
        with self._lock:
            self._put(key, self._level(key) + 1)

    def __len__(self) -> int:
        return len(self._levels)

    def _level(self, key: str) -> float:
        level, since = self._levels.get(key, (self._rate.burst, self._now()))
        return min(self._rate.burst, level + (self._now() - since) * self._rate.per_second)

    def _put(self, key: str, level: float) -> None:
        self._levels[key] = (level, self._now())
        self._levels.move_to_end(key)
        while len(self._levels) > self._most:
            self._levels.popitem(last=False)


class Waits:
    """The time to wait after each try: none for the first few, then twice as long each time."""

    FREE, LONGEST, FORGOTTEN = 3, 60.0, 900.0
    """Tries without a wait; seconds of the longest wait; seconds after which tries are forgotten."""

    def __init__(self, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._now, self._most = now, most
        self._tried: OrderedDict[str, tuple[int, float]] = OrderedDict()  # tries, when
        self._lock = Lock()

    def take(self, key: str) -> float:
        """Count a try; return 0, or without counting it the seconds until one may try again."""
        with self._lock:
            tries, last = self._tried.get(key, (0, 0.0))
            since = self._now() - last
            if since > self.FORGOTTEN:
                tries = 0
            if tries and (wait := self._after(tries) - since) > 0:
                return wait
            self._tried[key] = (tries + 1, self._now())
            self._tried.move_to_end(key)
            while len(self._tried) > self._most:
                self._tried.popitem(last=False)
            return 0.0

    def forget(self, key: str) -> None:
        """Forget the tries: one of them was right."""
        with self._lock:
            self._tried.pop(key, None)

    def __len__(self) -> int:
        return len(self._tried)

    def _after(self, tries: int) -> float:
        return 0.0 if tries < self.FREE else min(self.LONGEST, 2.0 ** min(tries - self.FREE, 30))
