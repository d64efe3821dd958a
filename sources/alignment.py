"""Where each character of a repaired text stands in the raw text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alignment:
    """A strictly rising map from text offsets to raw offsets, kept as runs of equal shift.

    Run `i` starts at text offset `starts[i]`, which stands at raw offset `raws[i]`. The text
    `"称其为"` cut out of the raw `"称 其 为"` has `starts == (0, 1, 2)` and `raws == (0, 2, 4)`.
    """

    starts: tuple[int, ...]
    raws: tuple[int, ...]

    @classmethod
    def of(cls, raw_offsets: Sequence[int]) -> Alignment:
        """Build the map from the raw offset of every text character."""
        starts: list[int] = []
        raws: list[int] = []
        for at, raw in enumerate(raw_offsets):
            if not starts or raw - at != raws[-1] - starts[-1]:
                starts.append(at)
                raws.append(raw)
        return cls(tuple(starts), tuple(raws))

    def raw(self, at: int) -> int:
        """Return the raw offset of the text character at `at`."""
        run = bisect_right(self.starts, at) - 1
        return self.raws[run] + at - self.starts[run]

    def text_span(self, raw_start: int, raw_end: int) -> tuple[int, int] | None:
        """Return the text `[start, end)` whose raw span is exactly this one, or None."""
        start, end = self._text(raw_start), self._text(raw_end - 1)
        if start is None or end is None or end < start:
            return None
        return start, end + 1

    def _text(self, raw: int) -> int | None:
        run = bisect_right(self.raws, raw) - 1
        if run < 0:
            return None
        at = self.starts[run] + raw - self.raws[run]
        if run + 1 < len(self.starts) and at >= self.starts[run + 1]:
            return None
        return at
