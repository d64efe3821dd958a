"""Bring Milvus to where the store is: by what changed since, or made anew.

The store is the single truth. A note in Milvus says which change its collections were brought to;
it is written last, and what is done twice is done once (rows are put in by their own ids), so that
every step may be cut off at any instant and is then done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sources import Review

from ..errors import EngineError, LibraryError
from ..indexes import Indexes
from ..lexicon import Lexicon
from ..store import Store
from .collections import (
    FORMAT,
    KINDS,
    Manifest,
    count,
    create,
    drop,
    has_all,
    load,
    name_of,
    read_manifest,
    wake,
    write_manifest,
)
from .connection import Connection
from .indexes import MilvusIndexes
from .rows import rows

BATCH = 1_000
"""Rows sent at a time: 2 MB."""
NOTED = 20
"""Batches after which it is noted how far things are, for whoever goes on after a stop."""
_LEXICON = "lexicon.sqlite"


class Milvus:
    """A Milvus server, for any number of libraries; what it knows of one lies in the server."""

    def __init__(self, uri: str, token: str = "") -> None:
        """Take note of where it is (`http://host:19530`, or a file ending in `.db` for
        milvus-lite); it is reached when it is needed. Raises LibraryError for no such address."""
        self.connection = Connection(uri, token)

    def current(
        self, store: Store, shelf: Mapping[str, Review], folder: Path, model: str
    ) -> Indexes:
        means = {
            kind: {language: mean for language, (_, mean) in store.totals(kind).items()}
            for kind in KINDS
        }
        counts = {language: count for language, (count, _) in store.totals("sentence").items()}
        if counts:
            manifest = self._brought(store, shelf, model)
        else:
            drop(self.connection, store.origin())
            manifest = None
        lexicon = Lexicon.current(store, shelf, folder / _LEXICON)
        now = store.versions().generation
        return MilvusIndexes(now, counts, store, shelf, self.connection, means, lexicon, manifest)

    def still_holds(self, indexes: Indexes) -> bool:
        assert isinstance(indexes, MilvusIndexes)
        expected = indexes.manifest
        return expected is None or (
            read_manifest(self.connection, expected.library) == expected
            and has_all(self.connection, expected.library)
        )

    def discard(self, store: Store, folder: Path) -> None:
        drop(self.connection, store.origin())
        (folder / _LEXICON).unlink(missing_ok=True)

    def again(self) -> Milvus:
        return self

    def _brought(self, store: Store, shelf: Mapping[str, Review], model: str) -> Manifest:
        """Bring the collections to where the store is, or make them anew; return their note."""
        library = store.origin()
        wake(self.connection, library)
        held = read_manifest(self.connection, library)
        if held is not None and not store.had(held.change, held.generation):
            raise EngineError(
                f"{self.connection.uri} {name_of(library, '*')}: 属于这个库的另一份副本或另一段历史，请用那一份，"
                "或运行 `yuanwen check --repair` 按这一份重建 / belongs to another copy of this library, or to "
                "changes that it has lost; use that one, or run `yuanwen check --repair` to make it anew"
            )
        if held is not None and held.model == model and has_all(self.connection, library):
            held = self._caught_up(store, shelf, held)
            if self._is_whole(store, library):
                return held
        held = self._caught_up(store, shelf, self._begun(store, library, model))
        if not self._is_whole(store, library):
            raise LibraryError(
                f"{self.connection.uri} {name_of(library, '*')}: 写入后少了几行，请检查 Milvus 的日志 / rows are "
                "missing after all were written; look into the log of Milvus"
            )
        return held

    def _begun(self, store: Store, library: str, model: str) -> Manifest:
        dimensions = {kind: len(mean) for kind in KINDS for _, mean in store.totals(kind).values()}
        create(self.connection, library, dimensions)
        now = store.versions()
        held = Manifest(FORMAT, library, model, now.change, now.generation, 0, 0)
        write_manifest(self.connection, held)
        return held

    def _is_whole(self, store: Store, library: str) -> bool:
        """Tell whether there are as many rows as there should be."""
        return all(
            count(self.connection, library, kind)
            == sum(each for each, _ in store.totals(kind).values())
            for kind in KINDS
        )

    def _caught_up(self, store: Store, shelf: Mapping[str, Review], held: Manifest) -> Manifest:
        languages = {name for kind in KINDS for name in store.totals(kind)}
        load(self.connection, held.library, languages)
        self._take_out(store, held)
        for step in self._put_in(store, shelf, held):
            write_manifest(self.connection, step)
        now = store.versions()
        brought = replace(
            held,
            change=now.change,
            generation=now.generation,
            passage=store.last_id("passage"),
            sentence=store.last_id("sentence"),
        )
        if brought != held:
            write_manifest(self.connection, brought)
        return brought

    def _take_out(self, store: Store, held: Manifest) -> None:
        removed = store.removed_since(held.change)
        for kind in KINDS:
            ranges = (each.passages if kind == "passage" else each.sentences for each in removed)
            for first, last in ranges:
                for start in range(first, last + 1, BATCH):
                    ids = list(range(start, min(start + BATCH, last + 1)))
                    self.connection.write("delete", name_of(held.library, kind), ids=ids)

    def _put_in(
        self, store: Store, shelf: Mapping[str, Review], held: Manifest
    ) -> Iterator[Manifest]:
        """Send what came since, and yield now and then how far that is."""
        done = 0
        for kind in KINDS:
            last = store.last_id(kind)
            for first in range(getattr(held, kind) + 1, last + 1, BATCH):
                ids = range(first, min(first + BATCH, last + 1))
                for language, batch in rows(store, shelf, kind, ids).items():
                    self.connection.write(
                        "upsert", name_of(held.library, kind), batch, partition_name=language
                    )
                held = held.seen(kind, ids[-1])
                done += 1
                if done % NOTED == 0:
                    yield held
