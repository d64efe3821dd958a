"""One assistant for every visitor, opened in the background: the page is there before it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from index import EncoderError, LibraryError, WeightsError
from index.progress import Progress
from sources import SourceError

from ..assistant import Assistant
from ..errors import AnswerError, QuestionError
from .shapes import Health

TOLD = (AnswerError, QuestionError, LibraryError, EncoderError, WeightsError, SourceError)
"""Errors whose message is written for the reader."""

OPENING = "文献库还在打开，请稍后再试 / the library is still opening; try again in a moment"

Opener = Callable[[Progress], Assistant]
"""Opens an assistant, telling how far it is; see `Assistant.open`."""

_WARMS_UP = "?"


class Loader:
    """Opens an assistant once, and tells how far that is."""

    def __init__(self, opener: Opener) -> None:
        self._progress = ""
        self._opened = ThreadPoolExecutor(1, "opening").submit(self._open, opener)

    def _open(self, opener: Opener) -> Assistant:
        assistant = opener(self._advance)
        assistant.search(_WARMS_UP, 1)  # loads model and indexes before anyone waits for them
        return assistant

    def _advance(self, name: str, done: int, total: int) -> None:
        self._progress = f"{name} {100 * done // max(total, 1)}%"

    def assistant(self) -> Assistant:
        """Return the assistant, waiting until it is open; raises what opening it raised."""
        return self._opened.result()

    def health(self) -> Health:
        """Return how the library is: loading, ready or failed."""
        if not self._opened.done():
            return Health(status="loading", detail=self._progress)
        error = self._opened.exception()
        return Health(status="failed", detail=str(error)) if error else Health(status="ready")
