"""The vectors on disk: a file for each kind and language, and what changed since they were made."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .errors import LibraryError
from .notes import hash_of, keep_names, read_note, write_note
from .store import Store
from .vectors import Ids, LanguageIndex

KINDS = ("passage", "sentence")
LITTLE = 2_000
"""Vectors that may have come since the files were made: they are compared one by one."""
FEW = 50_000
"""Vectors up to which files are made anew when some of them are gone; above, they are masked
until they are more than a twentieth."""

_NOTE = "made.note"


@dataclass(frozen=True)
class VectorFiles:
    """What a process has open, brought to a change; `last` are the ids it has seen of each kind."""

    folder: Path
    change: int
    generation: str
    last: Mapping[str, int]
    languages: Mapping[str, Mapping[str, LanguageIndex]]


@dataclass(frozen=True, slots=True)
class _Made:
    """The change that files were made at, the last ids then, and of each file what it holds.

    `files` are `[kind, language, vectors that its clusters were made for, hash of each file, first
    and last id of each run of those in them that are gone]`, in the order of the files' numbers.
    """

    change: int
    generation: str
    passage: int
    sentence: int
    files: list  # type: ignore[type-arg]


def current_vectors(store: Store, folder: Path, before: VectorFiles | None) -> VectorFiles:
    """Return the vectors as the database holds them, from files that are made anew if worn."""
    files = before if before and (before.folder / _NOTE).exists() else _newest(store, folder)
    if files is not None:
        files = _caught_up(store, files)
    if files is None or any(
        _is_worn(index) for each in files.languages.values() for index in each.values()
    ):
        return _make(store, folder, files)
    return files


def _newest(store: Store, folder: Path) -> VectorFiles | None:
    """Open the files that the library's own past made, or None if there are none whole."""
    for each in sorted(folder.glob("vectors-*")):
        made = read_note(each / _NOTE, _Made)
        if made is not None and store.had(made.change, made.generation):
            files = _open(each, made)
            if files is not None:
                return files
    return None


def _open(folder: Path, made: _Made) -> VectorFiles | None:
    languages: dict[str, dict[str, LanguageIndex]] = {kind: {} for kind in KINDS}
    number = 0
    for told in made.files:
        kind, language, trained, hashes, gone = told
        files = [folder / str(number + at) for at in range(len(hashes))]
        number += len(hashes)
        try:
            if list(map(hash_of, files)) != hashes:
                return None
            languages[kind][language] = LanguageIndex.open(files, trained, gone)
        except OSError:  # one is lost
            return None
    last = {"passage": made.passage, "sentence": made.sentence}
    return VectorFiles(folder, made.change, made.generation, last, languages)


def _caught_up(store: Store, files: VectorFiles) -> VectorFiles:
    """Return the files with what the database gained and lost since."""
    now = store.versions()
    if files.generation == now.generation:
        return files
    removed = store.removed_since(files.change)
    languages: dict[str, dict[str, LanguageIndex]] = {}
    for kind in KINDS:
        gone = [each.passages if kind == "passage" else each.sentences for each in removed]
        seen = files.last[kind]
        ranges = [(first, min(last, seen)) for first, last in gone]
        languages[kind] = {}
        for language, (_, mean) in store.totals(kind).items():
            index, after = files.languages[kind].get(language), seen
            if index is None:  # its first vectors came since
                index = LanguageIndex.build(0, len(mean), tuple)
            elif index.dimension != len(mean):
                index, after = LanguageIndex.build(0, len(mean), tuple), 0
            parts = list(store.chunks(kind, language, after))
            ids = np.concatenate([np.zeros(0, np.int64), *(ids for ids, _ in parts)])
            vectors = np.concatenate([index.vectors[:0], *(part for _, part in parts)])
            languages[kind][language] = index.changed(ranges, ids.astype(np.int64), vectors)
    last = {kind: store.last_id(kind) for kind in KINDS}
    return VectorFiles(files.folder, now.change, now.generation, last, languages)


def _is_worn(index: LanguageIndex) -> bool:
    return len(index.ids) > LITTLE or _is_to_clean(index)


def _is_to_clean(index: LanguageIndex) -> bool:
    gone = len(index.gone)
    return gone > 0 and (index.based <= FEW or gone > index.based // 20)


def _make(store: Store, folder: Path, files: VectorFiles | None) -> VectorFiles:
    """Write new files beside their place, move them there whole, and open them."""
    now = store.versions()
    making = Path(tempfile.mkdtemp(prefix=".vectors-", dir=folder))
    listed: list[list[Any]] = []
    number = 0
    for kind in KINDS:
        held = files.languages[kind] if files else {}
        for language, (count, mean) in store.totals(kind).items():
            index = held.get(language)
            if index is None or index.is_outgrown(count):
                chunks = partial(store.chunks, kind, language)
                index = LanguageIndex.build(count, len(mean), chunks)
            else:
                index = index.folded(_is_to_clean(index))
            hashes = []
            for part in range(len(index.parts)):
                file = making / str(number)
                index.save(part, file)
                hashes.append(hash_of(file))
                number += 1
            listed.append([kind, language, index.trained, hashes, _runs(index.gone)])
    last = {kind: store.last_id(kind) for kind in KINDS}
    made = _Made(now.change, now.generation, last["passage"], last["sentence"], listed)
    write_note(making / _NOTE, asdict(made))
    place = making.rename(folder / f"vectors-{uuid.uuid4().hex}")
    keep_names(folder)
    for other in (*folder.glob("vectors-*"), *folder.glob(".vectors-*")):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)
    opened = _open(place, made)
    if opened is None:
        raise LibraryError(
            f"{place}: 索引写坏了，请检查磁盘 / the indexes were not written whole; check the disk"
        )
    return opened


def _runs(ids: Ids) -> list[tuple[int, int]]:
    """Return the first and the last of each run of consecutive ids."""
    rows = np.unique(ids)
    cuts = np.flatnonzero(np.diff(rows) > 1) + 1
    return [(int(run[0]), int(run[-1])) for run in np.split(rows, cuts) if len(run)]
