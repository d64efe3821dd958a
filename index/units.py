"""What search finds: sentences, each with the passage and the review it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sources import Review, Span

from .errors import LibraryError


@dataclass(frozen=True)
class Unit:
    """A sentence found, the passage it stands in, that passage's section.

    `id` is the sentence's in the store and in the indexes, `passage_id` the passage's; `review`
    is an id too. Its review is read when its words are first asked for, and kept.
    """

    id: int
    passage_id: int
    review: str
    section: int
    start: int
    end: int
    passage_start: int
    passage_end: int
    shelf: Mapping[str, Review] = field(repr=False, compare=False)

    @property
    def sentence(self) -> Span:
        return self._span(self.start, self.end)

    @property
    def passage(self) -> Span:
        return self._span(self.passage_start, self.passage_end)

    def read(self) -> Review:
        """Return its review, read now if it was not yet."""
        return self._read

    @cached_property
    def _read(self) -> Review:
        return self.shelf[self.review]

    def _span(self, start: int, end: int) -> Span:
        review = self._read
        if not 0 <= start < end <= len(review.text):
            raise LibraryError(
                f"{self.review}: 库中的位置已损坏，请运行 `yuanwen check --repair` / a stored place is damaged; "
                "run `yuanwen check --repair`"
            )
        return Span(review, start, end)
