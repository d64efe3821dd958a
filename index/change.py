"""What can be done to a library inside one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sources import REPAIR_VERSION
from sources.arriving import known
from sources.packed import pack_content, pack_record

from .codes import pack
from .lookup import Lookup
from .rows import Encoded, Place
from .schema import (
    add_to_total,
    begin_change,
    content_digest,
    keep_spans_digest,
    keep_summary,
)


class Change(Lookup):
    """One change of a library, in the transaction that is open: all of it happens, or nothing."""

    def __init__(self, database: sqlite3.Connection, file: Path) -> None:
        super().__init__(database, file)
        self._number = begin_change(database)

    def mark_filled(self) -> None:
        """Note that the bundled reviews were put in once, so that removing them lasts."""
        self._database.execute("INSERT OR REPLACE INTO meta VALUES ('filled', 'yes')")

    def free_id(self, wanted: str) -> str:
        """Return an id that no review has: the one wanted, or that with a number."""
        number, id = 1, wanted
        while self.holds(id):
            number += 1
            id = f"{wanted}-{number}"
        return id

    def put(
        self,
        encoded: Encoded,
        id: str,
        places: Iterable[Place],
        told: Mapping[str, Any] | None = None,
    ) -> str:
        """Add a review under an id that is free, with its file's places; return its id.

        If its content is held already, the review that holds it is given the places instead.
        `told` is what people said of it, over the record that was read.
        """
        held = self.holding(encoded.review.sha256)
        if held is None:
            self._put_review(encoded, id, told or {})
        for place in places:
            self.name(held or id, place)
        return held or id

    def _put_review(self, encoded: Encoded, id: str, told: Mapping[str, Any]) -> None:
        review = encoded.review
        number = self._database.execute(
            "INSERT INTO review (id, sha256, model, repair, record, told) VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(id, review.sha256, encoded.model, REPAIR_VERSION),
                *(pack_record(review.record), json.dumps(told, ensure_ascii=False)),
            ),
        ).lastrowid
        content = pack_content(review)
        self._database.execute(
            "INSERT INTO content VALUES (?, ?, ?, ?, ?, ?, '')",
            (number, encoded.data, *content, content_digest(*content)),
        )
        self._put_spans(number or 0, encoded)
        keep_summary(self._database, number or 0, review)
        keep_spans_digest(self._database, number or 0)

    def _put_spans(self, review: int, encoded: Encoded) -> None:
        totals: dict[tuple[str, str, str], list[bytes]] = {}

        def count(kind: str, language: str, vector: bytes) -> None:
            totals.setdefault((kind, language, encoded.model), []).append(vector)

        sentences = zip(encoded.sentences, encoded.tokens, strict=True)
        for passage, vector in zip(encoded.review.passages, encoded.passages, strict=True):
            span, language = passage.span, passage.span.language
            owner = self._database.execute(
                "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                (review, span.start, span.end, passage.section, language, vector.tobytes()),
            ).lastrowid
            count("passage", language, vector.tobytes())
            for sentence, (own, tokens) in zip(passage.sentences, sentences, strict=False):
                language = sentence.language
                id = self._database.execute(
                    "INSERT INTO sentence VALUES (NULL, ?, ?, ?, ?, ?)",
                    (owner, sentence.start, sentence.end, language, own.tobytes()),
                ).lastrowid
                self._database.execute(
                    "INSERT INTO token VALUES (?, ?)", (id, pack(tokens.vectors))
                )
                count("sentence", language, own.tobytes())
        for key, vectors in totals.items():
            add_to_total(self._database, key, b"".join(vectors), len(vectors))

    def name(self, review: str, place: Place) -> None:
        """Note that a review's file stands at a place, and no other's there."""
        self._database.execute(
            "INSERT INTO place (path, review, size, modified)"
            " SELECT ?, number, ?, ? FROM review WHERE id = ? ON CONFLICT (path) DO UPDATE"
            " SET review = excluded.review, size = excluded.size, modified = excluded.modified",
            (place.path, place.size, place.modified, review),
        )

    def forget(self, path: str) -> str | None:
        """Take a place away, and its review if that has no other; return the review's id."""
        review = self.standing_at(path)
        if review is not None:
            self._database.execute("DELETE FROM place WHERE path = ?", (path,))
            if not self.places(review):
                self.remove(review)
        return review

    def told(self, review: str) -> dict[str, Any]:
        """Return what people said of a review; nothing if there is none, or it makes no sense."""
        row = self._one("SELECT told FROM review WHERE id = ?", review)
        told = row[0] if row else "{}"
        try:
            known("{}", told)
        except ValueError:  # this program never wrote that
            return {}
        return dict(json.loads(told))

    def tell(self, review: str, told: Mapping[str, Any]) -> None:
        """Note what people say of a review, in place of what they said before."""
        self._database.execute(
            "UPDATE review SET told = ? WHERE id = ?",
            (json.dumps(told, ensure_ascii=False), review),
        )

    def restore(self, review: str, data: bytes) -> None:
        """Put the bytes of a review's file in place of damaged ones."""
        self._database.execute(
            "UPDATE content SET bytes = ? WHERE review = (SELECT number FROM review WHERE id = ?)",
            (data, review),
        )

    def sum_anew(self) -> None:
        """Make the sums of the vectors anew, whatever they were."""
        self._database.execute("DELETE FROM total")
        of_sentence = "sentence x JOIN passage p ON p.id = x.passage"
        for kind, joined in (("passage", "passage x"), ("sentence", of_sentence)):
            owner = "x.review" if kind == "passage" else "p.review"
            for language, model, vector in self._database.execute(
                f"SELECT x.language, r.model, x.vector FROM {joined}"
                f" JOIN review r ON r.number = {owner} ORDER BY x.id"
            ):
                add_to_total(self._database, (kind, language, model), vector, 1)

    def remove(self, review: str, damaged: bool = False) -> None:
        """Take a review out with all that belongs to it; note which ids went.

        What is damaged is not taken off the sums of the vectors: they must be made anew then.
        """
        row = self._one("SELECT number, model FROM review WHERE id = ?", review)
        if row is None:
            return
        number, model = row
        gone: list[int] = []
        of_review = " FROM passage p WHERE p.review = ?"
        joined = " FROM sentence p JOIN passage o ON o.id = p.passage WHERE o.review = ?"
        for kind, where in (("passage", of_review), ("sentence", joined)):
            held: dict[str, list[bytes]] = {}
            for language, vector in self._database.execute(
                f"SELECT p.language, p.vector{where}", (number,)
            ):
                held.setdefault(language, []).append(vector)
            for language, vectors in held.items() if not damaged else ():
                key = (kind, language, model)
                add_to_total(self._database, key, b"".join(vectors), -len(vectors))
            ends = self._database.execute(f"SELECT min(p.id), max(p.id){where}", (number,))
            gone += [end or 0 for end in ends.fetchone()]
        self._database.execute(
            "INSERT INTO removed VALUES (?, ?, ?, ?, ?, ?)", (self._number, number, *gone)
        )
        self._database.execute("DELETE FROM review WHERE number = ?", (number,))
