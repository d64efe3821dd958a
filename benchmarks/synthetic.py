"""Libraries of any size, made quickly: what they cost to search is real, what they say is not.

Words come as often as words do: those of the bundled reviews by their frequency, then a tail of
pairs of characters, by Zipf's law. A text's vector is the sum of one of chance for each two
characters, so that texts that share words lie near each other and there are clusters to be found.
The first `READ` reviews are read, cut and stored as any file is; the others are copies of their
rows with every vector turned, since reading a million passages would take hours.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import Library, default_encoder
from index.encoder import Kind
from index.late import Parts, Tokens
from index.schema import add_to_total, begin_change
from index.terms import chinese_words
from sources import bundled_reviews

DIMENSION, TOKENS = 384, 40
PASSAGES, SENTENCES, WORDS = 50, 175, 22
"""Of a review: its passages and sentences; of a sentence: its words. As in the bundled reviews."""
READ = 400
VOCABULARY = 50_000


class StandIn:
    """Encodes reviews next to nothing slow; questions as the bundled encoder does, if `real`."""

    fingerprint, dimension = "stand-in@1", DIMENSION

    def __init__(self, real: bool = False) -> None:
        chance = np.random.default_rng(0)
        decay = np.arange(1, DIMENSION + 1) ** -0.5
        self._of_pair = (chance.normal(size=(8192, DIMENSION)) * decay).astype(np.float32)
        self._real = real

    def encode(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = np.stack([self._pairs(text).mean(axis=0) for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _pairs(self, text: str) -> NDArray[np.float32]:
        points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
        if len(points) < 2:
            points = np.resize(points, 2) if len(points) else np.zeros(2, np.uint64)
        return self._of_pair[(points[:-1] * 7919 + points[1:] * 104_729) % 8192]

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        if self._real and kind == "query":
            return default_encoder().encode_tokens(texts, kind, progress)
        tokens = []
        for text in texts:
            rows = self._pairs(text)[:TOKENS] + 1
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            tokens.append(Tokens(rows, np.ones(len(rows), np.float32)))
        return self.encode(texts, kind), tokens

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        return [
            Parts(row, self.encode([text[start:end] for start, end in spans], "passage"))
            for row, text, spans in zip(self.encode(texts, "passage"), texts, parts, strict=True)
        ]


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Return words, the most frequent first, and how often they come, added up."""
    counted = Counter(word for review in bundled_reviews() for word in chinese_words(review.text))
    words = [word for word, _ in counted.most_common() if len(word) > 1]
    chance, held = random.Random(0), sorted({char for word in words for char in word})
    while len(words) < VOCABULARY:
        words.append("".join(chance.choices(held, k=2)))
    return words, list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))


def prose(seed: int, passages: int = PASSAGES) -> str:
    """Return a review of so many passages; each seed gives one, always the same."""
    chance, (words, often) = random.Random(seed), _vocabulary()
    paragraphs = []
    for _ in range(passages):
        cut = (
            "".join(chance.choices(words, cum_weights=often, k=WORDS)) + "。"
            for _ in range(chance.choice((3, 4)))
        )
        paragraphs.append("".join(cut))
    return "\n\n".join(paragraphs)


def write(folder: Path, numbers: range, passages: int = PASSAGES) -> list[Path]:
    """Write reviews of these numbers as files, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number}.txt" for number in numbers]
    for number, file in zip(numbers, files, strict=True):
        file.write_text(prose(number, passages), "utf-8")
    return files


def grow(library: Library, passages: int, papers: Path) -> None:
    """Bring a library to at least so many passages; `papers` is a folder for the files."""
    held = library.store.count()
    if held < READ:
        library.add(write(papers, range(held, min(READ, -(-passages // PASSAGES)))))
    while (missing := passages - library.store.count_of("passage")) > 0:
        _copy(library, min(READ, -(-missing // PASSAGES)))


def _copy(library: Library, count: int) -> None:
    """Add `count` reviews, copies of the first with every vector turned, in one transaction."""
    database = library.store._connect()
    database.execute("PRAGMA synchronous = OFF")
    with database:
        database.execute("BEGIN IMMEDIATE")
        begin_change(database)
        last = library.store.count()
        turn = 7 * (last // READ)
        rows = database.execute("SELECT number FROM review ORDER BY number LIMIT ?", (count,))
        for (old,) in rows.fetchall():
            sums: dict[tuple[str, str], list[bytes]] = {}

            def turned(vector: bytes, kind: str, language: str) -> bytes:
                row = np.roll(np.frombuffer(vector, np.float32), turn).tobytes()
                sums.setdefault((kind, language), []).append(row)  # noqa: B023
                return row

            new = database.execute(
                "INSERT INTO review (id, sha256, model, repair, record, told)"
                " SELECT id || '-' || ?1, sha256 || '-' || ?1, model, repair, record, told"
                " FROM review WHERE number = ?2",
                (last, old),
            ).lastrowid
            for table in ("content", "summary"):
                (names,) = zip(
                    *database.execute(f"SELECT name FROM pragma_table_info('{table}')"),
                    strict=True,
                )
                rest = ", ".join(names[1:])
                database.execute(
                    f"INSERT INTO {table} SELECT ?, {rest} FROM {table} WHERE review = ?",
                    (new, old),
                )
            database.execute(
                "INSERT INTO place (path, review)"
                " SELECT path || '-' || ?, ? FROM place WHERE review = ?",
                (last, new, old),
            )
            _copy_spans(database, old, int(new or 0), turned)
            for (kind, language), vectors in sums.items():
                key = (kind, language, library.encoder.fingerprint)
                add_to_total(database, key, b"".join(vectors), len(vectors))
    database.close()


def _copy_spans(
    database: sqlite3.Connection, old: int, new: int, turned: Callable[[bytes, str, str], bytes]
) -> None:
    run = database.execute
    for id, *rest, language, vector in run(
        'SELECT id, start, "end", section, language, vector FROM passage WHERE review = ?', (old,)
    ).fetchall():
        owner = run(
            "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (new, *rest, language, turned(vector, "passage", language)),
        ).lastrowid
        for start, end, spoken, own, packed in run(
            'SELECT start, "end", language, vector, packed FROM sentence'
            " JOIN token ON sentence = id WHERE passage = ?",
            (id,),
        ).fetchall():
            sentence = run(
                "INSERT INTO sentence VALUES (NULL, ?, ?, ?, ?, ?)",
                (owner, start, end, spoken, turned(own, "sentence", spoken)),
            ).lastrowid
            run("INSERT INTO token VALUES (?, ?)", (sentence, packed))
