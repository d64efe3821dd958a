"""Bring the indexes to where the database is: by what changed since, or made anew.

The database is the single truth; what lies in `derived/` names the change it was made at. Vectors
are files that never change, and what came or went since is read from the database; words are
changed in place. Every step may be cut off at any instant and is then done again.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from sources import Review

from .errors import LibraryError
from .indexes import Indexes
from .lexical import LexicalIndex
from .notes import read_note, write_note
from .store import Store
from .vector_files import VectorFiles, current_vectors
from .vectors import VectorIndex
from .waiting import waiting_for

FEW_WORDS = 5_000
"""Sentences up to which the word index is made anew when some are gone (half a second), so that
none of their terms is left in its files; above, when a tenth of them are gone."""

_POINTER = "words.json"


@contextmanager
def fresh_indexes(
    store: Store,
    shelf: Mapping[str, Review],
    folder: Path,
    before: VectorFiles | None,
    demand: Callable[[], None],
) -> Iterator[tuple[VectorFiles, Indexes]]:
    """Give the indexes of what the library holds now, and show that state of it until the end.

    One process at a time makes them; `before` is what this one has open. `demand` raises what is
    wrong with that state. Raises LibraryError where the disk does not take or give them.
    """
    with ExitStack() as seen:
        try:
            folder.mkdir(exist_ok=True)
            with waiting_for(folder / "lock"):
                lock = FileLock(folder / "lock").acquire()
            # The state seen must be no older than what another process makes indexes of.
            with lock:
                seen.enter_context(store.snapshot())
                demand()
                made = _current_indexes(store, shelf, folder, before)
        except OSError as error:
            raise LibraryError(
                f"{folder}: 索引读写失败（{error}），文献完好，请检查磁盘后再试 / the indexes cannot be read or "
                "written; the reviews are safe; check the disk and try again"
            ) from None
        yield made


def _current_indexes(
    store: Store, shelf: Mapping[str, Review], folder: Path, before: VectorFiles | None
) -> tuple[VectorFiles, Indexes]:
    generation = store.versions().generation
    files = current_vectors(store, folder, before)
    words = _current_words(store, shelf, folder)
    vectors = {}
    for kind, languages in files.languages.items():
        means = {language: mean for language, (_, mean) in store.totals(kind).items()}
        vectors[kind] = VectorIndex({name: languages[name] for name in means}, means)
    counts = {language: count for language, (count, _) in store.totals("sentence").items()}
    return files, Indexes(generation, vectors, words, counts, store, shelf)


@dataclass(frozen=True, slots=True)
class _Pointer:
    """Where the word index lies and which change it stands at.

    `sentence` is the last it has seen, `gone` how many that it held have been taken out.
    """

    folder: str
    change: int
    generation: str
    sentence: int
    gone: int


def _current_words(store: Store, shelf: Mapping[str, Review], folder: Path) -> LexicalIndex:
    pointer = read_note(folder / _POINTER, _Pointer)
    words = _open_words(folder, pointer)
    if words is None or pointer is None or not store.had(pointer.change, pointer.generation):
        return _make_words(store, shelf, folder)
    removed = store.removed_since(pointer.change)
    gone = pointer.gone + sum(
        max(0, min(last, pointer.sentence) - first + 1)
        for first, last in (each.sentences for each in removed)
    )
    if gone and (len(words) <= FEW_WORDS or 10 * gone > len(words)):
        return _make_words(store, shelf, folder)
    if pointer.generation != store.versions().generation:
        reviews = [each.review for each in removed]
        words = words.changed(reviews, _texts(store, shelf, pointer.sentence))
        _point(store, folder, pointer.folder, gone)
    return words


def _open_words(folder: Path, pointer: _Pointer | None) -> LexicalIndex | None:
    if pointer is None or Path(pointer.folder).name != pointer.folder:
        return None
    try:
        return LexicalIndex.open(folder / pointer.folder)
    except OSError:  # it is lost or damaged
        return None


def _make_words(store: Store, shelf: Mapping[str, Review], folder: Path) -> LexicalIndex:
    name = f"words-{uuid.uuid4().hex}"
    words = LexicalIndex.create(folder / name).changed([], _texts(store, shelf, 0))
    _point(store, folder, name, 0)
    for other in folder.glob("words-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return words


def _point(store: Store, folder: Path, name: str, gone: int) -> None:
    now = store.versions()
    pointer = _Pointer(name, now.change, now.generation, store.last_id("sentence"), gone)
    write_note(folder / _POINTER, asdict(pointer))


def _texts(store: Store, shelf: Mapping[str, Review], after: int) -> Iterator[tuple[int, int, str]]:
    for sentence, number, review, start, end in store.sentences_after(after):
        yield sentence, number, shelf[review].text[start:end]
