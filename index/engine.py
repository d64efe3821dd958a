"""What finds the candidates of a search: FAISS and tantivy in the library's folder, or a server.

Texts, spans, vectors and receipts come from the store whatever the engine is, and a candidate that
the store does not know is left out: an engine can make a quote be missed, never make it wrong.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock

from sources import Review

from .errors import LibraryError
from .plain import demand_own
from .store import Store
from .waiting import waiting_for

if TYPE_CHECKING:
    from .derive import Derived
    from .indexes import Indexes


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
        self._derived: Derived | None = None

    def current(
        self, store: Store, shelf: Mapping[str, Review], folder: Path, model: str
    ) -> Indexes:
        from .derive import current_indexes  # FAISS, only for those who search

        self._derived, indexes = current_indexes(store, shelf, folder, self._derived)
        return indexes

    def still_holds(self, indexes: Indexes) -> bool:
        return True  # files are only ever written by who holds their lock

    def discard(self, store: Store, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._derived = None

    def again(self) -> Embedded:
        return Embedded()


@contextmanager
def fresh(
    engine: Engine,
    store: Store,
    shelf: Mapping[str, Review],
    folder: Path,
    model: str,
    demand: Callable[[], None],
) -> Iterator[Indexes]:
    """Give the indexes of what the library holds now, and show that state of it until the end.

    One process at a time makes them. `demand` raises what is wrong with that state. Raises
    LibraryError where the disk does not take or give them.
    """
    with ExitStack() as seen:
        try:
            demand_own(folder)
            folder.mkdir(exist_ok=True)
            with waiting_for(folder / "lock"):
                lock = FileLock(folder / "lock").acquire()
            # The state seen must be no older than what another process makes indexes of.
            with lock:
                seen.enter_context(store.snapshot())
                demand()
                made = engine.current(store, shelf, folder, model)
        except OSError as error:
            raise LibraryError(
                f"{folder}: 索引读写失败（{error}），文献完好，请检查磁盘后再试 / the indexes cannot be read or "
                "written; the reviews are safe; check the disk and try again"
            ) from None
        yield made
