"""The tables of a library, and how those of an older program become them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid

import numpy as np

from sources import language

FORMAT = 2

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
CREATE INDEX removed_in ON removed (change);
"""
"""Ids are never given twice and a review's are consecutive, so that an index made at one change
can be brought to another by what was added and removed between the two. `total` holds the sum of
the vectors of a language, from which its mean is had; `told` what people said of a review."""


def create(database: sqlite3.Connection) -> None:
    """Make the tables of an empty library, inside the transaction that is open."""
    for statement in SCHEMA.split(";")[:-1]:
        database.execute(statement)
    database.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
    begin_change(database)


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


def keep_spans_digest(database: sqlite3.Connection, review: int) -> None:
    """Note the hash of a review's spans and vectors, once they are all there."""
    database.execute(
        "UPDATE content SET coded = ? WHERE review = ?", (spans_digest(database, review), review)
    )


def migrate(database: sqlite3.Connection) -> None:
    """Turn the tables of format 1 into these, inside the transaction that is open.

    Nothing is encoded again. A file that was added under two names becomes one review; the row
    that came last wins.
    """
    told = dict(database.execute("SELECT key, value FROM meta"))
    for table in ("meta", "review", "passage", "sentence"):
        database.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    database.execute("DROP INDEX passage_of")
    database.execute("DROP INDEX sentence_of")
    create(database)
    if "filled" in told:
        database.execute("INSERT INTO meta VALUES ('filled', ?)", (told["filled"],))
    for row, id, sha256, place, record, data, raw, layout, pages, added in database.execute(
        "SELECT max(rowid), id, sha256, place, record, bytes, raw, layout, pages, added"
        " FROM old_review GROUP BY sha256 ORDER BY max(rowid)"
    ).fetchall():
        rest = json.dumps({"pages": json.loads(pages)})
        database.execute(
            "INSERT INTO review VALUES (?, ?, ?, ?, ?, ?, '{}', ?)",
            (row, id, sha256, told["model"], int(told["repair"]), record, added),
        )
        database.execute(
            "INSERT INTO content VALUES (?, ?, ?, ?, ?, ?, '')",
            (row, data, raw, layout, rest, content_digest(raw, layout, rest)),
        )
        _migrate_spans(database, row, id, json.loads(layout)["text"], told["model"])
        keep_spans_digest(database, row)
        database.execute(
            "INSERT OR IGNORE INTO place (path, review)"
            " SELECT place, ? FROM old_review WHERE sha256 = ? ORDER BY place != ?",
            (row, sha256, place),
        )
    for table in ("sentence", "passage", "review", "meta"):
        database.execute(f"DROP TABLE old_{table}")


def _migrate_spans(
    database: sqlite3.Connection, review: int, id: str, text: str, model: str
) -> None:
    passages = database.execute(
        'SELECT id, start, "end", section, vector FROM old_passage WHERE review = ? ORDER BY id',
        (id,),
    ).fetchall()
    for passage, start, end, section, vector in passages:
        spoken = language(text[start:end])
        owner = database.execute(
            "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (review, start, end, section, spoken, vector),
        ).lastrowid
        add_to_total(database, ("passage", spoken, model), vector, 1)
        for first, last, own, packed in database.execute(
            'SELECT start, "end", vector, tokens FROM old_sentence WHERE passage = ? ORDER BY id',
            (passage,),
        ).fetchall():
            spoken = language(text[first:last])
            sentence = database.execute(
                "INSERT INTO sentence VALUES (NULL, ?, ?, ?, ?, ?)",
                (owner, first, last, spoken, own),
            ).lastrowid
            database.execute("INSERT INTO token VALUES (?, ?)", (sentence, packed))
            add_to_total(database, ("sentence", spoken, model), own, 1)


def add_to_total(
    database: sqlite3.Connection, key: tuple[str, str, str], vectors: bytes, count: int
) -> None:
    """Add `count` float32 vectors to the sum of their kind, language and model.

    If `count` is negative they are taken away.
    """
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
        change = change + np.frombuffer(held[1], np.float64)
    database.execute(
        "INSERT OR REPLACE INTO total VALUES (?, ?, ?, ?, ?)", (*key, total, change.tobytes())
    )
