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


@dataclass(frozen=True, slots=True)
class Derived:
    """What a process has open; `words` are the files of the word index that it found whole, each
    with its hash."""

    vectors: VectorFiles
    words: Mapping[str, str]


def current_indexes(
    store: Store, shelf: Mapping[str, Review], folder: Path, before: Derived | None
) -> tuple[Derived, EmbeddedIndexes]:
    """Return the indexes of what the library holds now; `before` is what the process has open.

    Of one state of the library throughout, and by one process at a time: the caller sees to both.
    """
    generation = store.versions().generation
    if before is None and read_note(folder / _POINTER, _Pointer) is None:
        demand_sound(store)
    files = current_vectors(store, folder, before.vectors if before else None)
    words, hashes = _current_words(store, shelf, folder, before.words if before else {})
    vectors = {}
    for kind, languages in files.languages.items():
        means = {language: mean for language, (_, mean) in store.totals(kind).items()}
        vectors[kind] = VectorIndex({name: languages[name] for name in means}, means)
    counts = {language: count for language, (count, _) in store.totals("sentence").items()}
    indexes = EmbeddedIndexes(generation, counts, store, shelf, vectors, words)
    return Derived(files, hashes), indexes


@dataclass(frozen=True, slots=True)
class _Pointer:
    """Where the word index lies and which change it stands at.

    `schema` is that of its fields, `sentence` the last it has seen, `gone` how many that it held
    have been taken out, `files` the hash of every file there is.
    """

    folder: str
    change: int
    generation: str
    schema: int
    sentence: int
    gone: int
    files: dict  # type: ignore[type-arg]


def _current_words(
    store: Store, shelf: Mapping[str, Review], folder: Path, known: Mapping[str, str]
) -> tuple[LexicalIndex, Mapping[str, str]]:
    pointer = read_note(folder / _POINTER, _Pointer)
    words = _open_words(folder, pointer, known)
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
        return words, _point(store, folder, pointer.folder, gone, pointer.files)
    return words, pointer.files


def _open_words(
    folder: Path, pointer: _Pointer | None, known: Mapping[str, str]
) -> LexicalIndex | None:
    if pointer is None or pointer.schema != SCHEMA:
        return None
    try:
        if _hashes(folder / pointer.folder, known) != pointer.files:
            return None
        return LexicalIndex.open(folder / pointer.folder)
    except OSError:  # it is lost or damaged
        return None


def _hashes(folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Return the hash of every file in a folder; raises OSError where something else lies in it.

    `known` need not be had again: a segment's files never change, and may be gigabytes.
    """
    files = [file for file in folder.iterdir() if file.suffix != ".lock" or not is_plain(file)]
    kept = {name: known[name] for name in known if not name.endswith(".json")}
    return {file.name: kept.get(file.name) or hash_of(file) for file in files}


def _make_words(
    store: Store, shelf: Mapping[str, Review], folder: Path
) -> tuple[LexicalIndex, Mapping[str, str]]:
    name = f"words-{uuid.uuid4().hex}"
    words = LexicalIndex.create(folder / name).changed([], texts_after(store, shelf, 0))
    hashes = _point(store, folder, name, 0, {})
    for other in folder.glob("words-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return words, hashes


def _point(
    store: Store, folder: Path, name: str, gone: int, known: Mapping[str, str]
) -> Mapping[str, str]:
    """Note which word index is the current one; return the hash of every file of it."""
    now, hashes = store.versions(), _hashes(folder / name, known)
    pointer = _Pointer(
        *(name, now.change, now.generation, SCHEMA, store.last_id("sentence"), gone), hashes
    )
    write_note(folder / _POINTER, asdict(pointer))
    return hashes
