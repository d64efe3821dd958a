"""Bring the indexes to where the database is: by what changed since, or made anew.

The database is the single truth; what lies in `derived/` names the change it was made at. Vectors
are files that never change, and what came or went since is read from the database; words are
changed in place. Every step may be cut off at any instant and is then done again.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sources import Review

from .indexes import EmbeddedIndexes
from .lexical import SCHEMA, LexicalIndex
from .notes import hash_of, read_note, write_note
from .plain import is_plain
from .shelf import texts_after
from .sound import demand_sound
from .store import Store
from .vector_files import VectorFiles, current_vectors
from .vectors import VectorIndex

FEW_WORDS = 5_000
"""Sentences up to which the word index is made anew when some are gone (half a second), so that
none of their terms is left in its files; above, when a tenth of them are gone."""

_POINTER = "words.note"


def current_indexes(
    store: Store, shelf: Mapping[str, Review], folder: Path, before: VectorFiles | None
) -> tuple[VectorFiles, EmbeddedIndexes]:
    """Return the indexes of what the library holds now; `before` is what the process has open.

    Of one state of the library throughout, and by one process at a time: the caller sees to both.
    """
    generation = store.versions().generation
    if before is None and read_note(folder / _POINTER, _Pointer) is None:
        demand_sound(store)
    files = current_vectors(store, folder, before)
    words = _current_words(store, shelf, folder)
    vectors = {}
    for kind, languages in files.languages.items():
        means = {language: mean for language, (_, mean) in store.totals(kind).items()}
        vectors[kind] = VectorIndex({name: languages[name] for name in means}, means)
    counts = {language: count for language, (count, _) in store.totals("sentence").items()}
    return files, EmbeddedIndexes(generation, counts, store, shelf, vectors, words)


@dataclass(frozen=True, slots=True)
class _Pointer:
    """Where the word index lies and which change it stands at.

    `schema` is that of its fields, `sentence` the last it has seen, `gone` how many that it held have been taken out, `files` the
    hash of every file there is.
    """

    folder: str
    change: int
    generation: str
    schema: int
    sentence: int
    gone: int
    files: dict  # type: ignore[type-arg]


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
        words = words.changed(reviews, texts_after(store, shelf, pointer.sentence))
        _point(store, folder, pointer.folder, gone, pointer.files)
    return words


def _open_words(folder: Path, pointer: _Pointer | None) -> LexicalIndex | None:
    if pointer is None or pointer.schema != SCHEMA:
        return None
    try:
        if _hashes(folder / pointer.folder) != pointer.files:
            return None
        return LexicalIndex.open(folder / pointer.folder)
    except OSError:  # it is lost or damaged
        return None


def _hashes(folder: Path, known: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the hash of every file in a folder; raises OSError where something else lies in it.

    `known` are those of before: a segment's files never change, and there may be gigabytes of them.
    """
    files = [file for file in folder.iterdir() if file.suffix != ".lock" or not is_plain(file)]
    kept = {name: known[name] for name in known if not name.endswith(".json")}
    return {file.name: kept.get(file.name) or hash_of(file) for file in files}


def _make_words(store: Store, shelf: Mapping[str, Review], folder: Path) -> LexicalIndex:
    name = f"words-{uuid.uuid4().hex}"
    words = LexicalIndex.create(folder / name).changed([], texts_after(store, shelf, 0))
    _point(store, folder, name, 0)
    for other in folder.glob("words-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return words


def _point(store: Store, folder: Path, name: str, gone: int, known: Mapping[str, str] = {}) -> None:
    now = store.versions()
    pointer = _Pointer(
        *(name, now.change, now.generation, SCHEMA, store.last_id("sentence"), gone),
        _hashes(folder / name, known),
    )
    write_note(folder / _POINTER, asdict(pointer))
