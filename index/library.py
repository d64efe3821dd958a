"""The reviews indexed together on disk: added, removed, kept in step with folders, searched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sources import Review, bundled_reviews, load, walk
from sources.bundled import BUNDLED
from sources.characters import spelt

from .check import find_faults, repair
from .encoder import Encoder
from .engine import Embedded, Engine, fresh
from .errors import EngineError, LibraryError
from .faults import Fault, changed, stale
from .intake import Taken, encode, take
from .places import absolute, is_gone, place_of
from .progress import Gauge, Progress
from .renew import renew
from .rows import Vectors, checked
from .shelf import Shelf
from .store import Store, Versions

if TYPE_CHECKING:
    from .indexes import Indexes

Report = Callable[[Taken], object]
"""Called with what became of each file, as soon as it is known."""

DATABASE, DERIVED = "library.sqlite", "derived"
_NAMED, _SHOWN = 20, 100  # ids that a message lists at most, and characters of one that it repeats


class Library:
    """A folder that holds reviews, their spans and vectors, and the indexes derived from them."""

    def __init__(self, folder: Path, encoder: Encoder, engine: Engine | None = None) -> None:
        """Open the library in a folder, or start an empty one there.

        `engine` is what finds candidates, FAISS and tantivy in the same folder if None.

        Nothing is checked or loaded until it is needed, so that a library that must be rebuilt
        can be opened for that. Raises LibraryError where the folder holds something else.
        """
        self.folder = folder
        self.encoder = encoder
        self.engine = engine or Embedded()
        self.store = Store(folder / DATABASE)
        self.reviews: Mapping[str, Review] = Shelf(self.store)
        """Every review by its id, in the order they were added; read when it is asked for."""
        self._indexes: Indexes | None = None

    def again(self) -> Library:
        """Open the same library once more, with the same encoder and engine."""
        return Library(self.folder, self.encoder, self.engine.again())

    def close(self) -> None:
        self.store.close()

    @property
    def versions(self) -> Versions:
        return self.store.versions()

    def demand(self, reviews: Iterable[str]) -> None:
        """Raise LibraryError, naming what there is, unless the library holds all these ids."""
        for review in (each for each in reviews if each not in self.reviews):
            held = self.store.ids()
            known = ", ".join(held[:_NAMED]) + (" …" if len(held) > _NAMED else "") or "—"
            raise LibraryError(
                f"{spelt(review[:_SHOWN])}: 库中没有这篇文献，现有：{known} / no such review; the library holds: {known}"
            )

    def title(self, review: str) -> str:
        """Return a review's title without reading the rest of it."""
        return self.store.title(review)

    def places(self, review: str) -> list[str]:
        """Return every path that a review's file is known by."""
        return [place.path for place in self.store.places(review)]

    def counts(self, review: str) -> tuple[int, int]:
        """Return how many passages and sentences a review has, without reading it."""
        return self.store.counts(review)

    def data(self, review: str) -> bytes:
        """Return the bytes of a review's file, as they were when it was added."""
        return self.store.data(review)

    def add(
        self,
        paths: Iterable[Path],
        progress: Progress | None = None,
        report: Report | None = None,
    ) -> list[Taken]:
        """Read files and folders and add each file, whole or not at all.

        One whose content is held already is skipped; one that has changed takes the place of what
        it was. What cannot be used is `"failed"` and the rest goes in. Raises LibraryError if the
        library must be rebuilt first.
        """
        self.demand_current()
        paths = list(paths)
        gauge = Gauge.over(paths, progress)
        taken = []
        for found in walk(paths):
            taken.append(take(found, self.store, self.encoder, gauge))
            if report:
                report(taken[-1])
        return taken

    def sync(
        self, folder: Path, progress: Progress | None = None, report: Report | None = None
    ) -> list[Taken]:
        """Make the library hold what a folder holds: add what is new, replace what has changed,
        remove what is gone from it.

        Nothing is removed if nothing in the folder can be read: a disk that is not there is no
        reason to forget what stood on it.
        """
        taken = self.add([folder], progress, report)
        seen = {each.path for each in taken}
        failed = any(each.what == "failed" for each in taken)
        if any(each.review for each in taken):
            inside = self.store.places_within(absolute(folder) + os.sep)
            gone = [path for path in inside if path not in seen and is_gone(path, failed)]
            for each in self._forget(gone):
                taken.append(each)
                if report:
                    report(each)
        return taken

    def remove(self, names: str | Iterable[str]) -> list[Taken]:
        """Take reviews out, by id or by the path of a file or folder, all or none of them.

        Every span, vector and word of them goes. A file's path is forgotten; its review stays if
        it is known by another one too.
        """
        names = [names] if isinstance(names, str) else list(names)
        paths = []
        for name in names:
            paths += self._paths(name)
        return self._forget(paths)

    def _paths(self, name: str) -> list[str]:
        """Return the places that an id, a file or a folder names."""
        if self.store.holds(name):
            return [place.path for place in self.store.places(name)]
        path = absolute(Path(name))
        inside = self.store.places_within(path + os.sep)
        if not inside and self.store.standing_at(path) is None:
            self.demand([name])
        return inside or [path]

    def _forget(self, paths: Sequence[str]) -> list[Taken]:
        if not paths:
            return []
        with self.store.change() as change:
            return [Taken("removed", path, change.forget(path)) for path in paths]

    def describe(self, review: str, **told: Any) -> None:
        """Say what is known of a review, over what its file says: fields of its `Record`.

        An empty value takes back what was told. Raises LibraryError for an unknown id, field or
        value.
        """
        fields = checked(told)
        with self.store.change() as change:
            self.demand([review])
            kept = change.told(review) | fields
            change.tell(review, {name: value for name, value in kept.items() if value})

    def put(
        self,
        reviews: Sequence[tuple[Review, bytes]],
        progress: Progress | None = None,
        filled: bool = False,
    ) -> None:
        """Encode reviews and add them with the bytes they were read from, all or none.

        One that has the id of another takes its place. `filled` notes that these are the bundled.
        """
        gauge = Gauge(progress, len(reviews), sum(len(data) for _, data in reviews))
        encoded = []
        for review, data in reviews:
            gauge.begin(review.title)
            encoded.append(encode(review, data, self.encoder, gauge))
            gauge.finish(len(data))
        with self.store.change() as change:
            for each in encoded:
                change.remove(each.review.id)
                change.put(each, each.review.id, [place_of(Path(each.review.place), each.data)])
            if filled:
                change.mark_filled()

    def fill(self, progress: Progress | None = None) -> None:
        """Add the reviews that come with the program, unless that was done once before.

        If they are all it holds, they are made anew for a newer program, which loses nothing.
        """
        if not self.store.is_filled():
            bundled = [(review, load(Path(review.place))) for review in bundled_reviews()]
            self.put(bundled, progress, filled=True)
        elif any(stale(self.store, self.encoder)) and self.store.places_all_in(BUNDLED.parts[-2:]):
            self.rebuild(progress)

    def rebuild(self, progress: Progress | None = None) -> list[str]:
        """Make anew, from its stored file, what another version or model made; return its ids.

        Each review is replaced by itself, so that what was done stays done if this is stopped.
        Bundled ones are read as they are now. What is current already is left as it is.
        """
        old = [made.id for made in self.store.made_otherwise(self.encoder.fingerprint)]
        return renew(self.store, self.encoder, old, progress)

    def check(self, progress: Progress | None = None) -> list[Fault]:
        """Return what is wrong with the library, each with its cure; nothing if it is whole."""
        return [*stale(self.store, self.encoder), *find_faults(self.store, self.agrees, progress)]

    def repair(self, progress: Progress | None = None) -> list[Fault]:
        """Make anew all that is damaged and can be had from the files; return what is still wrong.

        A review is read again from its stored bytes, or from where its file stands; sums and
        indexes are made from the database.
        """
        repair(self.store, self.encoder, self.check(), progress)
        with self.store.held():
            self.engine.discard(self.store, self.folder / DERIVED)
            self._indexes = None
        return self.check()

    def agrees(self) -> bool:
        """Tell whether the indexes hold what the database holds, no more and no less."""
        if any(stale(self.store, self.encoder)):
            return True
        try:
            with self.searching() as indexes:
                return indexes.agree()
        except EngineError:
            return False

    def demand_current(self) -> None:
        """Raise LibraryError if the library was made by another model or version."""
        for fault in stale(self.store, self.encoder):
            raise LibraryError(fault.told)

    def demand_unchanged(self, reviews: Iterable[Review]) -> None:
        """Raise LibraryError if one of these reviews was taken out meanwhile, or its file is not
        what it was when added."""
        with self.store.snapshot():
            for review in reviews:
                for fault in changed(self.store, review.id):
                    raise LibraryError(fault.told)

    def vectors(self, kind: str) -> tuple[list[int], Vectors]:
        """Return the ids and `(n, d)` unit vectors of every `"passage"` or `"sentence"`."""
        return self.store.vectors(kind)

    def indexes(self) -> Indexes:
        """Return the indexes of what the library holds now; see `searching`."""
        with self.searching() as indexes:
            return indexes

    @contextmanager
    def searching(self) -> Iterator[Indexes]:
        """Give the indexes, brought up to date, and show that state of the library until the end.

        Whatever is written meanwhile. Raises LibraryError if the library was made by another
        model or version.
        """
        with self.store.held(), ExitStack() as seen:
            seen.enter_context(self.store.snapshot())
            indexes = self._indexes
            if (
                indexes is None
                or indexes.generation != self.versions.generation
                or not self.engine.still_holds(indexes)
            ):
                seen.close()
                indexes = seen.enter_context(
                    fresh(
                        *(self.engine, self.store, self.reviews, self.folder / DERIVED),
                        *(self.encoder.fingerprint, self.demand_current),
                    )
                )
                self._indexes = indexes
            try:
                yield indexes
            except OSError as error:
                raise LibraryError(
                    f"{self.folder / DERIVED}: 索引读不了（{error}），请运行 `yuanwen check --repair` / the "
                    "indexes cannot be read; run `yuanwen check --repair`"
                ) from None
