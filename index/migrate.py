"""How the tables of an older program become those of this one, nothing encoded again."""

from __future__ import annotations

import json
import sqlite3

import numpy as np

from sources import language
from sources.packed import unpack_record, unpack_review

from .codes import pack
from .schema import (
    FORMAT,
    SCHEMA,
    add_to_total,
    content_digest,
    create,
    keep_spans_digest,
    keep_summary,
    spans_digest,
)


def migrate(database: sqlite3.Connection, format: int) -> None:
    """Turn the tables of an older format into these, inside the transaction that is open."""
    if format == 1:
        _from_1(database)
    else:
        _from_2(database)
    for number, id, sha256, record, told, digest, *content in database.execute(
        "SELECT number, id, sha256, record, told, digest, raw, layout, rest"
        " FROM review JOIN content ON review = number ORDER BY number"
    ):
        if content_digest(*content) == digest:
            known = unpack_record(record, told)
            keep_summary(database, number, unpack_review(id, sha256, "", known, *content))


def _from_2(database: sqlite3.Connection) -> None:
    """Pack the tokens more closely; what is damaged stays as it is, for `check` to find."""
    for statement in SCHEMA.split(";"):
        if any(f" {name} " in statement for name in ("summary", "passage_span", "sentence_span")):
            database.execute(statement)
    database.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(FORMAT),))
    reviews = database.execute("SELECT review, coded FROM content").fetchall()
    for review, coded in reviews:
        if spans_digest(database, review) != coded:
            continue
        for sentence, size, packed in database.execute(
            "SELECT s.id, length(s.vector), packed FROM passage p JOIN sentence s"
            " ON s.passage = p.id JOIN token ON sentence = s.id WHERE p.review = ?",
            (review,),
        ).fetchall():
            _keep_tokens(database, sentence, packed, size)
        keep_spans_digest(database, review)


def _keep_tokens(database: sqlite3.Connection, sentence: int, packed: bytes, size: int) -> None:
    """Pack a sentence's tokens, which formats 1 and 2 kept in a byte a number; `size` is that of
    its vector in bytes."""
    rows = np.frombuffer(packed, np.int8).astype(np.float32) / np.float32(127)
    database.execute(
        "INSERT OR REPLACE INTO token VALUES (?, ?)",
        (sentence, pack(rows.reshape(-1, size // 4))),
    )


def _from_1(database: sqlite3.Connection) -> None:
    """Make the tables anew. A file that was added under two names becomes one review; the row
    that came last wins."""
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
            _keep_tokens(database, int(sentence or 0), packed, len(own))
            add_to_total(database, ("sentence", spoken, model), own, 1)
