"""An assistant opened in the background, the page being there before it; and whose it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Protocol

from index import EncoderError, LibraryError, WeightsError
from index.progress import Progress
from sources import SourceError

from ..assistant import Assistant
from ..errors import AnswerError, QuestionError
from .arrival import Visitor
from .shapes import Health, Status
from .suggest import Suggestions

TOLD = (AnswerError, QuestionError, LibraryError, EncoderError, WeightsError, SourceError)
"""Errors whose message is written for the reader."""

OPENING = "文献库还在打开，请稍后再试 / the library is still opening; try again in a moment"
MOMENT = 1.0
"""Seconds that one who asks waits for a library to open; one that was let go opens in less."""
AGAIN = 30.0
"""Seconds after which a library that could not be opened is tried again."""

Opener = Callable[[Progress], Assistant]
"""Opens an assistant, telling how far it is; see `Assistant.open`."""

_WARMS_UP = "?"


class Loaders(Protocol):
    """Whose library is whose. `own`: each has one of his own, and may change it."""

    @property
    def own(self) -> bool: ...

    def of(self, visitor: Visitor) -> Loader:
        """Return the library that a visitor asks; of one that has a name."""

    def status(self) -> Status:
        """Say how it is, to those who may not ask."""


class Loader:
    """Opens an assistant once, and tells how far that is; alone, it is everyone's.

    Nothing but those who use it holds the library open.
    """

    own = False

    def __init__(self, opener: Opener, threads: Executor | None = None) -> None:
        self._progress, self._begun = "", monotonic()
        self.suggestions = Suggestions()
        self.changing = Lock()
        """Held by the one visitor who changes the library."""
        self._opened = (threads or ThreadPoolExecutor(1, "opening")).submit(self._open, opener)

    def _open(self, opener: Opener) -> Assistant:
        assistant = opener(self._advance)
        assistant.search(_WARMS_UP, 1)  # loads model and indexes before anyone waits for them
        return assistant

    def _advance(self, name: str, done: int, total: int) -> None:
        self._progress = f"{name} {100 * done // max(total, 1)}%"

    def of(self, visitor: Visitor) -> Loader:
        return self

    def assistant(self) -> Assistant:
        """Return the assistant, waiting until it is open; raises what opening it raised."""
        return self._opened.result()

    async def in_a_moment(self) -> Health:
        """Return how the library is, once it is open or a moment has passed."""
        if not self._opened.done():
            opened = asyncio.wrap_future(self._opened)
            opened.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({opened}, timeout=MOMENT)
        return self.health()

    def health(self) -> Health:
        """Return how the library is: loading, ready or failed."""
        if not self._opened.done():
            return Health(status="loading", detail=self._progress)
        error = self._opened.exception()
        return Health(status="failed", detail=str(error)) if error else Health(status="ready")

    def status(self) -> Status:
        return self.health().status

    def may_be_tried_again(self) -> bool:
        """Tell whether opening failed, and not just now."""
        return self.health().status == "failed" and monotonic() - self._begun > AGAIN
