"""What was asked last, so that what is asked again costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The values of the last keys asked for, at most `limit`; may be shared between threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def values(
        self, keys: Sequence[str], make: Callable[[Sequence[str]], Sequence[Value]]
    ) -> list[Value]:
        """Return the values of some keys; those not held are made, all in one call."""
        with self._lock:
            found = {key: self._held[key] for key in keys if key in self._held}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            found |= zip(missing, make(missing), strict=True)
        with self._lock:
            for key in keys:
                self._held[key] = found[key]
                self._held.move_to_end(key)
            while len(self._held) > self.limit:
                self._held.popitem(last=False)
        return [found[key] for key in keys]
