"""What finds the candidates of a search: FAISS and tantivy in the library's folder, or a server.

Texts, spans, vectors and receipts come from the store whatever the engine is, and a candidate that
the store does not know is left out: an engine can make a quote be missed, never make it wrong.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sources import Review

from .store import Store

if TYPE_CHECKING:
    from .indexes import Indexes
    from .vector_files import VectorFiles


class Engine(Protocol):
    """The indexes of one open library."""

    def current(
        self, store: Store, shelf: Mapping[str, Review], folder: Path, model: str
    ) -> Indexes:
        """Bring the indexes to where the store is and return them; `folder` is for files.

        Of one state of the library throughout, and by one process at a time: the caller sees to
        both.
        """

    def still_holds(self, indexes: Indexes) -> bool:
        """Tell whether nobody has changed, meanwhile, what these indexes are of."""

    def discard(self, store: Store, folder: Path) -> None:
        """Throw the indexes away; `current` makes them anew."""

    def again(self) -> Engine:
        """Return the same engine for the same library opened once more."""


class Embedded:
    """FAISS and tantivy, in files beside the database."""

    def __init__(self) -> None:
        self._files: VectorFiles | None = None

    def current(
        self, store: Store, shelf: Mapping[str, Review], folder: Path, model: str
    ) -> Indexes:
        from .derive import current_indexes  # FAISS, only for those who search

        self._files, indexes = current_indexes(store, shelf, folder, self._files)
        return indexes

    def still_holds(self, indexes: Indexes) -> bool:
        return True  # files are only ever written by who holds their lock

    def discard(self, store: Store, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._files = None

    def again(self) -> Embedded:
        return Embedded()
