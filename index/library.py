"""The reviews indexed together on disk: added, removed, rebuilt, and opened for search."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sources import REPAIR_VERSION, Review, Span, bundled_reviews, load, read_bytes
from sources.bundled import BUNDLED

from .encoder import Encoder
from .errors import LibraryError
from .lexical import LexicalIndex
from .store import FORMAT, Encoded, Store, Versions
from .vectors import VectorIndex, Vectors

Progress = Callable[[str, int, int], None]
"""Called with a review's title, the texts encoded so far, and how many there are in all."""

DATABASE = "library.sqlite"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is searched for: a sentence, the passage it stands in, that passage's section.

    `id` is the sentence's in the store, `passage_row` the passage's row in its index.
    """

    id: int
    sentence: Span
    passage: Span
    section: int
    passage_row: int


@dataclass(frozen=True)
class Indexes:
    """One generation of a library, ready to be searched; row `i` of each index is `units[i]`."""

    generation: str
    units: tuple[Unit, ...]
    sentences: VectorIndex
    passages: VectorIndex
    words: LexicalIndex

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of the sentences that each language has."""
        spoken = Counter(unit.sentence.language for unit in self.units)
        return {language: count / spoken.total() for language, count in spoken.items()}


class Library:
    """A folder that holds reviews, their spans and vectors, and the indexes derived from them."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Open the library in a folder, or start an empty one there.

        Nothing is checked or loaded until it is needed, so that a library that must be rebuilt
        can be opened for that. Raises LibraryError where the folder holds something else.
        """
        self.folder = folder
        self.encoder = encoder
        self._store = Store(folder / DATABASE, encoder.fingerprint)
        self._reviews: tuple[str, dict[str, Review]] | None = None
        self._indexes: Indexes | None = None

    def close(self) -> None:
        self._store.close()

    @property
    def versions(self) -> Versions:
        return self._store.versions()

    @property
    def reviews(self) -> dict[str, Review]:
        """Every review by its id, in the order they were added."""
        generation = self.versions.generation
        if self._reviews is None or self._reviews[0] != generation:
            found = {review.id: review for review in self._store.reviews()}
            self._reviews = (generation, found)
        return self._reviews[1]

    def demand(self, reviews: Iterable[str]) -> None:
        """Raise LibraryError, naming what there is, unless the library holds all these ids."""
        held = self.reviews
        for review in reviews:
            if review not in held:
                known = ", ".join(held) or "—"
                raise LibraryError(
                    f"{review}: 库中没有这篇文献，现有：{known} / no such review; the library holds: {known}"
                )

    def added(self) -> dict[str, str]:
        """Return when each review was added, by its id: UTC, as ISO 8601 writes it."""
        return self._store.added()

    def data(self, review: str) -> bytes:
        """Return the bytes of a review's file, as they were when it was added."""
        return self._store.data(review)

    def add(self, paths: Iterable[Path], progress: Progress | None = None) -> list[Review]:
        """Read files and add them, all or none; a file added before is replaced.

        Returns the reviews as added. Raises SourceError for a file that cannot be used.
        """
        _raise_first(self._stale())
        added: list[tuple[Review, bytes]] = []
        for path in paths:
            data = load(path)
            review = read_bytes(data, path)
            taken = [other for other, _ in added]
            added.append((replace(review, id=self._free_id(review, taken)), data))
        self.put(added, progress)
        return [review for review, _ in added]

    def put(
        self,
        reviews: Sequence[tuple[Review, bytes]],
        progress: Progress | None = None,
        filled: bool = False,
    ) -> None:
        """Encode reviews and add them with the bytes they were read from, all or none.

        One that has the id of another takes its place. `filled` notes that these are the bundled.
        """
        total = sum(len(review.passages) + len(review.sentences) for review, _ in reviews)
        done = 0
        encoded: list[Encoded] = []
        for review, data in reviews:

            def advance(count: int, title: str = review.title) -> None:
                nonlocal done
                done += count
                if progress:
                    progress(title, done, total)

            texts = [passage.span.text for passage in review.passages]
            passages = self.encoder.encode(texts, "passage", advance)
            texts = [sentence.text for sentence in review.sentences]
            sentences, tokens = self.encoder.encode_tokens(texts, "passage", advance)
            encoded.append(Encoded(review, data, passages, sentences, tokens))
        with self._store.change() as change:
            for each in encoded:
                change.put(each)
            change.stamp(self.encoder.fingerprint)
            if filled:
                change.mark_filled()

    def fill(self, progress: Progress | None = None) -> None:
        """Add the reviews that come with the program, unless that was done once before.

        If they are all it holds, they are made anew for a newer program, which loses nothing.
        """
        if not self._store.is_filled():
            bundled = [(review, load(Path(review.place))) for review in bundled_reviews()]
            self.put(bundled, progress, filled=True)
        elif any(self._stale()) and all(map(_is_bundled, self.reviews.values())):
            self.rebuild(progress)

    def remove(self, review: str) -> None:
        """Take a review out, with every span and vector of it."""
        self.demand([review])
        with self._store.change() as change:
            change.remove(review)

    def rebuild(self, progress: Progress | None = None) -> None:
        """Read every stored file anew with this program and model; bundled ones as they are now."""
        bundled = {review.id: review for review in bundled_reviews()}
        renewed: list[tuple[Review, bytes]] = []
        for review in self.reviews.values():
            if review.id in bundled and _is_bundled(review):
                fresh = bundled[review.id]
                renewed.append((fresh, load(Path(fresh.place))))
            else:
                data = self.data(review.id)
                renewed.append(
                    (read_bytes(data, Path(review.place), review.record, review.id), data)
                )
        self.put(renewed, progress)

    def check(self) -> list[str]:
        """Return what is wrong with the library, each with its cure; nothing if it is whole."""
        faults = [*self._stale(), *self._changed()]
        for review in self.reviews.values():
            if hashlib.sha256(self.data(review.id)).hexdigest() != review.sha256:
                faults.append(
                    f"{review.id}: 库中文件已损坏，请重新添加 {review.place} / the stored file is damaged; "
                    f"run `yuanwen add {review.place}`"
                )
        return faults

    def vectors(self, of: str) -> tuple[list[int], Vectors]:
        """Return the ids and `(n, d)` unit vectors of every `"passage"` or `"sentence"`."""
        return self._store.vectors(of)

    def tokens(self, unit: Unit) -> Vectors:
        """Return the `(t, d)` vectors of a sentence's tokens."""
        return self._store.tokens(unit.id)

    def indexes(self) -> Indexes:
        """Return the indexes of what the library holds now, made anew if they are not current.

        Raises LibraryError if the library was made by another model or version, or if a file has
        changed since it was added.
        """
        generation = self.versions.generation
        if self._indexes is None or self._indexes.generation != generation:
            _raise_first([*self._stale(), *self._changed()])
            self._indexes = self._derive(generation)
        return self._indexes

    def _derive(self, generation: str) -> Indexes:
        passage_ids, passage_vectors = self._store.vectors("passage")
        _, sentence_vectors = self._store.vectors("sentence")
        rows = {id: row for row, id in enumerate(passage_ids)}
        units = tuple(
            Unit(id, sentence, passage, section, rows[passage_id])
            for id, passage_id, passage, section, sentence in self._store.spans(self.reviews)
        )
        folder = self.folder / "derived" / generation
        if not folder.exists():
            self._write_derived(folder, units, passage_vectors, sentence_vectors)
        return Indexes(
            generation,
            units,
            VectorIndex.open(folder / "sentences.faiss"),
            VectorIndex.open(folder / "passages.faiss"),
            LexicalIndex.open(folder / "words"),
        )

    def _write_derived(
        self, folder: Path, units: Sequence[Unit], passages: Vectors, sentences: Vectors
    ) -> None:
        """Write the indexes beside their place, then move them there whole."""
        folder.parent.mkdir(exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        spoken = {unit.passage_row: unit.passage.language for unit in units}
        VectorIndex.build(passages, [spoken[row] for row in range(len(spoken))]).save(
            making / "passages.faiss"
        )
        VectorIndex.build(sentences, [unit.sentence.language for unit in units]).save(
            making / "sentences.faiss"
        )
        LexicalIndex.build(
            making / "words", ((row, unit.sentence.text) for row, unit in enumerate(units))
        )
        with contextlib.suppress(OSError):  # another process was first: the same indexes
            making.rename(folder)
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    def _free_id(self, review: Review, taken: Sequence[Review]) -> str:
        others = {
            other.id: other.place
            for other in (*self.reviews.values(), *taken)
            if other.place != review.place
        }
        for other in self.reviews.values():
            if other.place == review.place:
                return other.id
        number, id = 1, review.id
        while id in others:
            number += 1
            id = f"{review.id}-{number}"
        return id

    def _stale(self) -> Iterator[str]:
        versions = self.versions
        cure = "请运行 `yuanwen rebuild` / run `yuanwen rebuild`"
        if versions.format != FORMAT:
            yield (
                f"{self.folder}: 文献库格式 {versions.format}，本程序读 {FORMAT}，请用配套版本 / "
                f"library format {versions.format}, this program reads {FORMAT}; use the version it was made with"
            )
            return
        if versions.repair != REPAIR_VERSION:
            yield f"{self.folder}: 文本由另一版本整理 / the texts were repaired by another version; {cure}"
        if versions.model != self.encoder.fingerprint:
            yield (
                f"{self.folder}: 由另一模型建立（{versions.model}，现用 {self.encoder.fingerprint}）/ "
                f"made with another model; {cure}"
            )

    def _changed(self) -> Iterator[str]:
        for review in self.reviews.values():
            if _has_changed(review):
                yield (
                    f"{review.place}: 文件在添加之后改动过，请运行 `yuanwen add` 重新添加 / the file has changed "
                    f"since it was added; run `yuanwen add {review.place}`"
                )


def _is_bundled(review: Review) -> bool:
    """Tell whether a review came with the program, wherever that was installed then."""
    return Path(review.place).parent.parts[-2:] == BUNDLED.parts[-2:]


def _raise_first(faults: Iterable[str]) -> None:
    for fault in faults:
        raise LibraryError(fault)


def _has_changed(review: Review) -> bool:
    """Tell whether another file stands where a review was read; a file that is gone has not."""
    try:
        data = Path(review.place).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() != review.sha256
