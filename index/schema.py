"""The tables of a library, and what keeps them in step with each other."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from contextlib import closing
from functools import cache
from typing import Any

import numpy as np

from sources import Review, language

from .errors import LibraryError

FORMAT = 3
_MOST = 2**62

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE change (number INTEGER PRIMARY KEY, generation TEXT NOT NULL) STRICT;
CREATE TABLE review (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL, repair INTEGER NOT NULL, record TEXT NOT NULL, told TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE TABLE content (
    review INTEGER PRIMARY KEY REFERENCES review ON DELETE CASCADE,
    bytes BLOB NOT NULL, raw TEXT NOT NULL, layout TEXT NOT NULL, rest TEXT NOT NULL,
    digest TEXT NOT NULL, coded TEXT NOT NULL
) STRICT;
CREATE TABLE summary (
    review INTEGER PRIMARY KEY REFERENCES review ON DELETE CASCADE, language TEXT NOT NULL,
    sections INTEGER NOT NULL, passages INTEGER NOT NULL, sentences INTEGER NOT NULL,
    entries INTEGER NOT NULL, aside INTEGER NOT NULL
) STRICT;
CREATE TABLE place (
    path TEXT PRIMARY KEY, review INTEGER NOT NULL REFERENCES review ON DELETE CASCADE,
    size INTEGER, modified INTEGER
) STRICT;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    review INTEGER NOT NULL REFERENCES review ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, section INTEGER NOT NULL,
    language TEXT NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE TABLE sentence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, language TEXT NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE TABLE token (
    sentence INTEGER PRIMARY KEY REFERENCES sentence ON DELETE CASCADE, packed BLOB NOT NULL
) STRICT;
CREATE TABLE total (
    kind TEXT NOT NULL, language TEXT NOT NULL, model TEXT NOT NULL, count INTEGER NOT NULL,
    vector BLOB NOT NULL, PRIMARY KEY (kind, language, model)
) STRICT;
CREATE TABLE removed (
    change INTEGER NOT NULL REFERENCES change, review INTEGER NOT NULL,
    first_passage INTEGER NOT NULL, last_passage INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL, last_sentence INTEGER NOT NULL
) STRICT;
CREATE INDEX made_with ON review (model, repair);
CREATE INDEX place_of ON place (review);
CREATE INDEX passage_of ON passage (review);
CREATE INDEX sentence_of ON sentence (passage);
CREATE INDEX passage_span ON passage (id, review, start, "end", section);
CREATE INDEX sentence_span ON sentence (id, passage, start, "end");
CREATE INDEX removed_in ON removed (change);
"""
"""Ids are never given twice and a review's are consecutive, so that an index made at one change
can be brought to another by what was added and removed between the two. `total` holds the sum of
the vectors of a language, from which its mean is had; `told` what people said of a review;
`summary` what a list of reviews tells, so that none has to be read for it. Spans are read off the
indexes `passage_span` and `sentence_span`, where no vectors lie between them."""


OLDER = {
    1: "68979f25ff86cb70c2a45d573ca04a8c44d8d07e52f1a6e980f88d8207c899bc",
    2: "eb8ad2ce9b0bf2c8cc17deb5c8ad42c75bc7a311efff58bf244fb84b0f61e7d0",
}
"""Formats that can be brought to this one, each with the hash of its tables."""


def create(database: sqlite3.Connection) -> None:
    """Make the tables of an empty library, inside the transaction that is open."""
    for statement in SCHEMA.split(";")[:-1]:
        database.execute(statement)
    database.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
    begin_change(database)


def others(database: sqlite3.Connection) -> list[str]:
    """Return the names of what is in a database of a known format and not in that format, or not so.

    Nothing is asked of a table before it is known to be one.
    """
    held = set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    if not held or _hash(held) in OLDER.values():
        return []
    own = _tables()
    (meta,) = (row for row in own if row[:2] == ("table", "meta"))
    if meta in held:
        told = database.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        if told and told[0] not in map(str, (FORMAT, *OLDER)):
            return []  # another program's, which is said elsewhere
    return sorted({str(name) for _, name, *_ in held ^ own})


@cache
def _tables() -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(SCHEMA)
        return set(empty.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def _hash(tables: set[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(sorted(tables, key=repr)).encode()).hexdigest()


def begin_change(database: sqlite3.Connection) -> int:
    """Count a change of the library, inside the transaction that makes it; return its number."""
    return int(
        database.execute(
            "INSERT INTO change (generation) VALUES (?)", (uuid.uuid4().hex,)
        ).lastrowid
        or 0
    )


def content_digest(raw: str, layout: str, rest: str) -> str:
    """Return the hash by which a stored text is known to be as it was when it was added."""
    return hashlib.sha256("\0".join((raw, layout, rest)).encode("utf-8", "replace")).hexdigest()


def spans_digest(database: sqlite3.Connection, review: int) -> str:
    """Return the hash by which a review's spans and vectors are known to be as they were made."""
    digest = hashlib.sha256()
    for row in database.execute(
        'SELECT p.start, p."end", section, p.language, s.start, s."end", s.language,'
        " s.vector, packed, iif(s.id = min(s.id) OVER (PARTITION BY p.id), p.vector, '')"
        " FROM passage p JOIN sentence s ON s.passage = p.id JOIN token ON sentence = s.id"
        " WHERE review = ? ORDER BY s.id",
        (review,),
    ):
        for value in row:
            digest.update(value if isinstance(value, bytes) else f"{value}\0".encode())
    return digest.hexdigest()


def keep_summary(database: sqlite3.Connection, number: int, review: Review) -> None:
    """Note what a list of reviews tells of one whose spans are all there."""
    database.execute(
        "INSERT INTO summary SELECT ?1, ?2, ?3, count(DISTINCT p.id), count(s.id), ?4, ?5"
        " FROM passage p LEFT JOIN sentence s ON s.passage = p.id WHERE p.review = ?1",
        (
            *(number, language(review.text)),
            sum(1 for at in range(len(review.sections)) if review.section_title(at)),
            *(len(review.references), len(review.set_aside)),
        ),
    )


def keep_spans_digest(database: sqlite3.Connection, review: int) -> None:
    """Note the hash of a review's spans and vectors, once they are all there."""
    database.execute(
        "UPDATE content SET coded = ? WHERE review = ?", (spans_digest(database, review), review)
    )


def sum_damaged() -> LibraryError:
    return LibraryError(
        "库中向量的总和已损坏，请运行 `yuanwen check --repair` / the stored sum of the vectors is damaged; "
        "run `yuanwen check --repair`"
    )


def add_to_total(
    database: sqlite3.Connection, key: tuple[str, str, str], vectors: bytes, count: int
) -> None:
    """Add `count` float32 vectors to the sum of their kind, language and model.

    If `count` is negative they are taken away.
    """
    if len(vectors) % (np.float32().nbytes * abs(count)):
        raise sum_damaged()
    rows = np.frombuffer(vectors, np.float32).reshape(abs(count), -1)
    change = rows.sum(axis=0, dtype=np.float64) * np.sign(count)
    held = database.execute(
        "SELECT count, vector FROM total WHERE (kind, language, model) = (?, ?, ?)", key
    ).fetchone()
    total = count + (held[0] if held else 0)
    if total == 0:
        database.execute("DELETE FROM total WHERE (kind, language, model) = (?, ?, ?)", key)
        return
    if held:
        if len(held[1]) != change.nbytes or not 0 <= total < _MOST:
            raise sum_damaged()
        change = change + np.frombuffer(held[1], np.float64)
    database.execute(
        "INSERT OR REPLACE INTO total VALUES (?, ?, ?, ?, ?)", (*key, total, change.tobytes())
    )
