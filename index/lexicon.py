"""How many sentences hold each term: what BM25 must know of the whole library.

A small database of its own, kept in step with the store by what came and went since, each step
one transaction. Of each review it keeps the counts that are taken off when it is gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import groupby
from pathlib import Path

from sources import Review

from .bm25 import Collected
from .store import WAIT, Store
from .terms import terms

_TABLES = """
CREATE TABLE IF NOT EXISTS stand (change INTEGER, generation TEXT, sentence INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS term (term TEXT PRIMARY KEY, sentences INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS review (
    number INTEGER PRIMARY KEY, sentences INTEGER, terms INTEGER, holding TEXT
) STRICT;
"""
_STEP = 10_000


class Lexicon:
    """The counts of one state of a library."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        (row,) = database.execute("SELECT total(sentences), total(terms) FROM review")
        self._sentences, self._terms = int(row[0]), int(row[1])

    @classmethod
    def current(cls, store: Store, shelf: Mapping[str, Review], file: Path) -> Lexicon:
        """Open the counts in a file, brought to where the store is; made anew if it is damaged."""
        try:
            return cls._opened(store, shelf, file)
        except sqlite3.DatabaseError:
            for each in (file, *file.parent.glob(f"{file.name}-*")):
                each.unlink(missing_ok=True)
            return cls._opened(store, shelf, file)

    @classmethod
    def _opened(cls, store: Store, shelf: Mapping[str, Review], file: Path) -> Lexicon:
        database = sqlite3.connect(
            file, isolation_level=None, check_same_thread=False, timeout=WAIT
        )
        database.execute("PRAGMA trusted_schema = OFF")
        database.executescript(_TABLES)
        _demand_own(database)
        database.execute("BEGIN IMMEDIATE")
        with database:
            _catch_up(database, store, shelf)
        return cls(database)

    def about(self, asked: Iterable[str]) -> Collected:
        """Return what there is to know of some terms; those that no sentence holds are left out."""
        rows = self._database.execute(
            "SELECT term, sentences FROM term JOIN json_each(?) ON term = value AND sentences > 0",
            (json.dumps(sorted(set(asked)), ensure_ascii=False),),
        )
        return Collected(self._sentences, self._terms, dict(rows.fetchall()))


def _demand_own(database: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError if the file holds anything but these tables."""
    asked = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(_TABLES)
        if database.execute(asked).fetchall() != empty.execute(asked).fetchall():
            raise sqlite3.DatabaseError("other tables")


def _catch_up(database: sqlite3.Connection, store: Store, shelf: Mapping[str, Review]) -> None:
    stand = database.execute("SELECT change, generation, sentence FROM stand").fetchone()
    if stand is None or not store.had(stand[0], stand[1]):
        for table in ("stand", "term", "review"):
            database.execute(f"DELETE FROM {table}")
        removed, seen = [], 0
    else:
        removed, seen = store.removed_since(stand[0]), stand[2]
    for each in removed:
        _take_out(database, each.review)
    for number, texts in _added(store, shelf, seen):
        _take_out(database, number)
        _put_in(database, number, texts)
    now = store.versions()
    database.execute("DELETE FROM stand")
    database.execute(
        "INSERT INTO stand VALUES (?, ?, ?)",
        (now.change, now.generation, store.last_id("sentence")),
    )


def _added(
    store: Store, shelf: Mapping[str, Review], seen: int
) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield the number of each review that came, with the terms of its sentences."""
    last = store.last_id("sentence")
    rows = (
        row
        for first in range(seen + 1, last + 1, _STEP)
        for row in store.standing("sentence", range(first, min(first + _STEP, last + 1)))
    )
    for number, group in groupby(rows, lambda row: row[1]):
        yield number, [terms(shelf[id].text[start:end]) for _, _, id, _, start, end in group]


def _put_in(database: sqlite3.Connection, number: int, texts: list[list[str]]) -> None:
    holding = Counter(term for text in texts for term in set(text))
    database.execute(
        "INSERT INTO review VALUES (?, ?, ?, ?)",
        (number, len(texts), sum(map(len, texts)), json.dumps(holding, ensure_ascii=False)),
    )
    database.executemany(
        "INSERT INTO term VALUES (?, ?) ON CONFLICT (term) DO UPDATE"
        " SET sentences = sentences + excluded.sentences",
        holding.items(),
    )


def _take_out(database: sqlite3.Connection, number: int) -> None:
    row = database.execute("SELECT holding FROM review WHERE number = ?", (number,)).fetchone()
    if row is None:
        return
    database.executemany(
        "UPDATE term SET sentences = sentences - ? WHERE term = ?",
        [(count, term) for term, count in json.loads(row[0]).items()],
    )
    database.execute("DELETE FROM review WHERE number = ?", (number,))
