"""Where each character of a repaired text stands in the raw text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Alignment:
    """A one-to-one map from text offsets to raw offsets, kept as runs of equal shift.

    Run `i` starts at text offset `starts[i]`, which stands at raw offset `raws[i]`. The text
    `"称其为"` cut out of the raw `"称 其 为"` has `starts == (0, 1, 2)` and `raws == (0, 2, 4)`.
    The map rises, but where a figure's caption interrupts a paragraph on the page: the caption
    then follows the paragraph in the text.
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

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the parts of the text `[start, end)`, each with the raw offset where it begins."""
        run = bisect_right(self.starts, start) - 1
        while start < end:
            until = min(end, self.starts[run + 1]) if run + 1 < len(self.starts) else end
            yield start, until, self.raws[run] + start - self.starts[run]
            start, run = until, run + 1

    def text(self, raw: int) -> int | None:
        """Return the text offset of the raw character at `raw`; None if it is not in the text."""
        known = bisect_right(self._by_raw, raw, key=self.raws.__getitem__) - 1
        if known < 0:
            return None
        run = self._by_raw[known]
        at = self.starts[run] + raw - self.raws[run]
        if run + 1 < len(self.starts) and at >= self.starts[run + 1]:
            return None
        return at

    def text_span(self, raw_start: int, raw_end: int) -> tuple[int, int] | None:
        """Return the text `[start, end)` whose raw span is exactly this one, or None."""
        start, end = self.text(raw_start), self.text(raw_end - 1)
        if start is None or end is None or end < start:
            return None
        return start, end + 1

    @cached_property
    def _by_raw(self) -> list[int]:
        """The runs in the order of the raw text."""
        return sorted(range(len(self.raws)), key=self.raws.__getitem__)
