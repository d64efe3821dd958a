"""The library's single truth: a SQLite database of files, texts, spans and vectors."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sources import REPAIR_VERSION, Record, Review, Section, SetAside, Span
from sources.alignment import Alignment
from sources.layout import Layout

from .errors import LibraryError
from .late import Tokens, unpack
from .vectors import Vectors

FORMAT = 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE review (
    id TEXT PRIMARY KEY, file TEXT NOT NULL, place TEXT NOT NULL, sha256 TEXT NOT NULL,
    bytes BLOB NOT NULL, record TEXT NOT NULL, raw TEXT NOT NULL, layout TEXT NOT NULL,
    pages TEXT NOT NULL, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY, review TEXT NOT NULL REFERENCES review ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, section INTEGER NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE TABLE sentence (
    id INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL, tokens BLOB NOT NULL
) STRICT;
CREATE INDEX passage_of ON passage (review);
CREATE INDEX sentence_of ON sentence (passage);
"""


@dataclass(frozen=True, slots=True)
class Versions:
    """What a library was made with; `generation` changes with every change of its content."""

    format: int
    repair: int
    model: str
    generation: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """A review with its file's bytes and, in order, the vectors of its passages and sentences.

    `tokens` are those of its sentences.
    """

    review: Review
    data: bytes
    passages: Vectors
    sentences: Vectors
    tokens: Sequence[Tokens]


class Store:
    """The database of one library folder."""

    def __init__(self, file: Path, model: str) -> None:
        """Open the database, or make it where there is none."""
        self._file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(file, check_same_thread=False, timeout=30)
            self._database.execute("PRAGMA foreign_keys = ON")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._create(model)
        except (sqlite3.DatabaseError, OSError) as error:
            raise LibraryError(
                f"{file}: 打不开文献库（{error}），请移走该文件夹后重新添加文献 / cannot open the library; "
                "move its folder away and add the reviews again"
            ) from None

    def _create(self, model: str) -> None:
        with self._database:
            if not self._is_empty():
                return
            self._database.execute("BEGIN IMMEDIATE")
            if self._is_empty():
                for statement in _SCHEMA.split(";")[:-1]:
                    self._database.execute(statement)
                change = Change(self._database)
                change.note("format", str(FORMAT))
                change.note("generation", uuid.uuid4().hex)
                change.stamp(model)

    def _is_empty(self) -> bool:
        return self._database.execute("SELECT name FROM sqlite_master").fetchone() is None

    def close(self) -> None:
        self._database.close()

    def versions(self) -> Versions:
        try:
            meta = dict(self._database.execute("SELECT key, value FROM meta"))
            return Versions(
                int(meta["format"]), int(meta["repair"]), meta["model"], meta["generation"]
            )
        except (sqlite3.DatabaseError, KeyError, ValueError):
            raise LibraryError(
                f"{self._file}: 不是完整的文献库，请移走该文件夹后重新添加文献 / not a whole library; "
                "move its folder away and add the reviews again"
            ) from None

    def is_filled(self) -> bool:
        """Tell whether the bundled reviews were put in once."""
        rows = self._database.execute("SELECT value FROM meta WHERE key = 'filled'")
        return rows.fetchone() is not None

    def reviews(self) -> list[Review]:
        """Return every review, in the order they were added."""
        rows = self._database.execute(
            "SELECT id, sha256, file, place, record, raw, layout, pages FROM review ORDER BY rowid"
        )
        return [
            Review(
                id,
                sha256,
                file,
                place,
                _record(record),
                raw,
                _layout(layout),
                tuple(json.loads(pages)),
            )
            for id, sha256, file, place, record, raw, layout, pages in rows
        ]

    def added(self) -> dict[str, str]:
        """Return when each review was added, by its id: UTC, as ISO 8601 writes it."""
        return {
            id: f"{added.replace(' ', 'T')}Z"
            for id, added in self._database.execute("SELECT id, added FROM review")
        }

    def data(self, review: str) -> bytes:
        """Return the bytes of a review's file, as they were when it was added."""
        row = self._database.execute("SELECT bytes FROM review WHERE id = ?", (review,)).fetchone()
        return bytes(row[0])

    def spans(self, reviews: dict[str, Review]) -> Iterator[tuple[int, int, Span, int, Span]]:
        """Yield `(sentence id, passage id, passage, section, sentence)` of every sentence."""
        for sentence, start, end, passage, first, last, section, review in self._database.execute(
            'SELECT s.id, s.start, s."end", p.id, p.start, p."end", p.section, p.review'
            " FROM sentence s JOIN passage p ON p.id = s.passage ORDER BY s.id"
        ):
            owner = reviews[review]
            yield sentence, passage, Span(owner, first, last), section, Span(owner, start, end)

    def vectors(self, table: str) -> tuple[list[int], Vectors]:
        """Return the ids and the `(n, d)` vectors of `passage` or `sentence`, in order of id."""
        rows = self._database.execute(f"SELECT id, vector FROM {table} ORDER BY id").fetchall()
        if not rows:
            return [], np.zeros((0, 1), np.float32)
        flat = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
        return [id for id, _ in rows], flat.reshape(len(rows), -1)

    def tokens(self, sentence: int) -> Vectors:
        """Return the `(t, d)` vectors of a sentence's tokens."""
        packed, vector = self._database.execute(
            "SELECT tokens, vector FROM sentence WHERE id = ?", (sentence,)
        ).fetchone()
        return unpack(packed, len(vector) // np.float32().nbytes)

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Change the library in one transaction: all of it happens, or nothing."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            change = Change(self._database)
            yield change
            change.note("generation", uuid.uuid4().hex)


class Change:
    """What can be done to a library inside one transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def note(self, key: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def stamp(self, model: str) -> None:
        """Note that all of the library was made by this program with this model."""
        self.note("repair", str(REPAIR_VERSION))
        self.note("model", model)

    def mark_filled(self) -> None:
        """Note that the bundled reviews were put in once, so that removing them lasts."""
        self.note("filled", "yes")

    def remove(self, review: str) -> None:
        self._database.execute("DELETE FROM review WHERE id = ?", (review,))

    def put(self, encoded: Encoded) -> None:
        """Add a review, in place of the one that has its id."""
        review = encoded.review
        self.remove(review.id)
        self._database.execute(
            "INSERT INTO review (id, file, place, sha256, bytes, record, raw, layout, pages)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                review.id,
                review.file,
                review.place,
                review.sha256,
                encoded.data,
                json.dumps(asdict(review.record), ensure_ascii=False),
                review.raw,
                json.dumps(asdict(review.layout), ensure_ascii=False),
                json.dumps(review.pages),
            ),
        )
        sentences = zip(encoded.sentences, encoded.tokens, strict=True)
        for passage, vector in zip(review.passages, encoded.passages, strict=True):
            span = passage.span
            owner = self._database.execute(
                'INSERT INTO passage (review, start, "end", section, vector) VALUES (?, ?, ?, ?, ?)',
                (review.id, span.start, span.end, passage.section, vector.tobytes()),
            ).lastrowid
            self._database.executemany(
                'INSERT INTO sentence (passage, start, "end", vector, tokens) VALUES (?, ?, ?, ?, ?)',
                [
                    (owner, sentence.start, sentence.end, own.tobytes(), tokens.pack())
                    for sentence, (own, tokens) in zip(passage.sentences, sentences, strict=False)
                ],
            )


def _record(text: str) -> Record:
    told = json.loads(text)
    return Record(**{**told, "authors": tuple(told["authors"])})


def _layout(text: str) -> Layout:
    told: dict[str, Any] = json.loads(text)
    return Layout(
        text=told["text"],
        alignment=Alignment(*map(tuple, told["alignment"].values())),
        sections=tuple(
            Section(**{**part, "heading": tuple(part["heading"]), "title": tuple(part["title"])})
            for part in told["sections"]
        ),
        paragraphs=_pairs(told["paragraphs"]),
        set_aside=tuple(SetAside(**aside) for aside in told["set_aside"]),
    )


def _pairs(listed: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in listed)
