"""The reviews of the library as the page lists them; adding one, removing one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Event
from typing import Any

from index import Library, LibraryError, Taken
from index.contents import Summary
from index.progress import Progress
from sources import READERS, Review
from sources.layout import SetAside

from .opening import TOLD, Loader
from .shapes import Listed

MAX_LISTED = 100
"""Reviews that the page lists; a library may hold thousands."""

KINDS = (*sorted(READERS), ".zip")
"""Suffixes of the files that can be sent."""

DESCRIBED = ("title", "authors", "journal", "year", "volume", "issue", "pages", "doi")
"""What the page lets one say of a review: fields of its `Record`."""

MAX_ASIDE = 500
"""Places set aside that are shown of one review; a long book has thousands of page numbers."""

BESIDE = 12
"""Characters shown on either side of a single one."""

MAX_NAME = 60
"""Characters of a file's name that are kept; a Chinese one is three bytes each, of 255."""
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\]|^\.+$")

READ_AT_ONCE = 2
"""Files that are read and encoded at a time, each for a library of its own."""
_READING = BoundedSemaphore(READ_AT_ONCE)

Json = dict[str, Any]


class Left(RuntimeError):
    """Whoever sent a file has gone away before it was in."""


class Shelf:
    """The library of a loader, changed by one visitor at a time while others ask."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def listed(self, most: int | None = None) -> list[Listed]:
        """Return reviews with their counts, in the order they were added; every one by default."""
        store = self._loader.assistant().library.store
        return [_listed(review) for review in store.summaries(most)]

    def show(self) -> Json:
        """Return the first of the reviews, how many there are, and what files can be added."""
        try:
            reviews = [review.model_dump() for review in self.listed(MAX_LISTED)]
            count = len(self._loader.assistant().library.reviews)
        except TOLD as error:
            return {"error": {"text": str(error)}}
        return {"reviews": reviews, "count": count, "kinds": KINDS}

    def suggest(self) -> list[Json]:
        """Return what to ask the library as it is now; takes seconds for what is new to it."""
        try:
            return self._loader.suggestions.of(self._loader.assistant())
        except TOLD:
            return []  # whoever asks is told

    def set_aside(self, asked: Any) -> Json:
        """Return what of a review is no part of its text, with the reason and the line."""
        review = self._review(asked)
        if review is None:
            return {"error": {"told": "gone"}}
        places = [_place(review, aside) for aside in review.set_aside[:MAX_ASIDE]]
        return {"places": places, "count": len(review.set_aside)}

    def remove(self, asked: Any) -> Json:
        """Take a review out of the library."""
        review = self._review(asked)
        if review is None:
            return {"error": {"told": "gone"}}
        try:
            with self._loader.changing, closing(self._own()) as library:
                library.remove(review.id)
                library.indexes()  # so that no word of it is left on disk
        except TOLD as error:
            return {"error": {"text": str(error)}}
        return {"removed": review.id}

    def record(self, asked: Any) -> Json:
        """Return what is known of a review as a publication."""
        review = self._review(asked)
        if review is None:
            return {"error": {"told": "gone"}}
        return {"record": {field: _said(getattr(review.record, field)) for field in DESCRIBED}}

    def describe(self, asked: Any) -> Json:
        """Say what is known of a review where `told` differs from that; an empty value takes back
        what was said before."""
        known, told = self.record(asked), asked.get("told") if isinstance(asked, dict) else None
        if "error" in known:
            return known
        if not isinstance(told, dict) or not all(isinstance(each, str) for each in told.values()):
            return {"error": {"told": "failed"}}
        record = known["record"]
        fields = {
            name: told[name] for name in DESCRIBED if told.get(name, record[name]) != record[name]
        }
        try:
            with self._loader.changing, closing(self._own()) as library:
                library.describe(asked["review"], **fields)
        except TOLD as error:
            return {"error": {"text": str(error)}}
        return {"described": asked["review"]}

    def add(self, name: str, data: bytes) -> Iterator[Json]:
        """Add a file that was sent: yield how far it is, and last what became of it.

        That is `taken`, one outcome of each file that an archive holds, or `error`. Closed before
        the end, it adds nothing more.
        """
        place, left = self._place(name, data), Event()
        steps: SimpleQueue[Json | None] = SimpleQueue()

        def advance(_: str, done: int, total: int) -> None:
            if left.is_set():
                raise Left
            steps.put({"done": done, "total": total})

        def finish(_: Future[list[Json]]) -> None:
            steps.put(None)

        worker = ThreadPoolExecutor(1, "adding")
        added = worker.submit(self._add, place, data, advance)
        added.add_done_callback(finish)
        worker.shutdown(wait=False)  # whoever closes this does not wait for the worker
        try:
            while (step := steps.get()) is not None:
                yield step
        finally:
            left.set()
        try:
            yield {"taken": added.result()}
        except TOLD as error:
            yield {"error": {"text": str(error).replace(f"{place.parent}/", "")}}

    def _add(self, place: Path, data: bytes, advance: Progress) -> list[Json]:
        with (
            self._loader.changing,
            _READING,
            closing(self._own()) as library,
            _standing(place, data),
        ):
            advance("", 0, len(data))  # ends it if whoever sent the file left while it waited
            found = [
                _outcome(library, taken, f"{place.parent}/")
                for taken in library.add([place], advance)
            ]
            library.indexes()  # so that nobody who asks has to wait for it
        return found

    def _place(self, name: str, data: bytes) -> Path:
        """Return where a file stands while it is read: its name and bytes decide, so that one
        that is sent twice is one review."""
        folder = self._loader.assistant().library.folder.absolute() / "sent"
        stem, suffix = _NO_NAME.sub("_", Path(name).stem)[:MAX_NAME], Path(name).suffix[:10]
        return folder / hashlib.sha256(data).hexdigest()[:16] / f"{stem or '_'}{suffix}"

    def _own(self) -> Library:
        """Open the library once more: what changes there is not seen by others half done."""
        return self._loader.assistant().library.again()

    def _review(self, asked: Any) -> Review | None:
        named = asked.get("review") if isinstance(asked, dict) else None
        reviews = self._loader.assistant().library.reviews
        return reviews.get(named) if isinstance(named, str) else None


@contextmanager
def _standing(place: Path, data: bytes) -> Iterator[None]:
    """Put a file in its place while it is read; the library keeps the bytes itself."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        yield
    except OSError as error:
        raise LibraryError(
            f"{place}: 写不下（{error.strerror}）/ cannot be written; see that the disk has room"
        ) from None
    finally:
        place.unlink(missing_ok=True)
        for folder in (place.parent, place.parent.parent):
            with suppress(OSError):  # another file is being sent
                folder.rmdir()


def _said(value: Any) -> str:
    return "; ".join(value) if isinstance(value, tuple) else str(value or "")


def _outcome(library: Library, taken: Taken, folder: str) -> Json:
    """Tell what became of a file by its own name, wherever it stood while it was read."""
    if taken.review is None:
        return {"error": {"text": (taken.fault or "").replace(folder, "")}}
    review = library.reviews[taken.review]
    told = {"id": review.id, "title": review.title, "lang": review.language}
    return {"held" if taken.what in ("unchanged", "named") else "added": told}


def _place(review: Review, aside: SetAside) -> Json:
    start, end = aside.raw_start, aside.raw_end
    around = BESIDE if end - start == 1 else 0  # a lone hyphen says nothing
    return {
        "reason": aside.reason,
        "line": review.line_at(start),
        "before": review.raw[max(start - around, 0) : start],
        "text": review.raw[start:end],
        "after": review.raw[end : end + around],
    }


def _listed(review: Summary) -> Listed:
    return Listed(
        id=review.id,
        title=review.record.title,
        title_assigned=review.record.title_assigned,
        language=review.language,
        file=Path(review.place).name,
        sha256=review.sha256,
        added=review.added,
        sections=review.sections,
        passages=review.passages,
        sentences=review.sentences,
        references=review.references,
        set_aside=review.aside,
    )
