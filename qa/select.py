"""From hits to quotes: which sentences are highlighted, in which passages, in what order."""

from __future__ import annotations

from collections.abc import Sequence

from index import Hit

from .answer import Quote


def select(hits: Sequence[Hit], k: int) -> tuple[Quote, ...]:
    """Make quotes of the `k` best hits: each one sentence, highlighted in its passage."""
    return tuple(Quote(hit.passage, (hit.span,), hit.section, hit.score) for hit in hits[:k])
