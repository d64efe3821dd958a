"""Words: BM25 over the terms of every sentence, by tantivy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from .terms import terms

_HEAP = 64_000_000
_ANALYZER = "terms"


@dataclass(frozen=True, slots=True)
class Vote:
    """One word of a question: how much it counts, and the ways in which a sentence may put it.

    Each way is the terms it is cut into. The best way counts, by the mean of its terms.
    """

    weight: float
    ways: tuple[tuple[str, ...], ...]


class LexicalIndex:
    """An inverted index on disk; ids are the caller's."""

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(
            _ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        )
        index.reload()
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, folder: Path, texts: Iterable[tuple[int, str]]) -> LexicalIndex:
        """Index `(id, text)` pairs into an empty folder."""
        folder.mkdir(parents=True)
        lexical = cls(tantivy.Index(_schema(), path=str(folder)))
        writer = lexical._index.writer(_HEAP, 1)
        for id, text in texts:
            writer.add_document(tantivy.Document(id=id, terms=" ".join(terms(text))))
        writer.commit()
        writer.wait_merging_threads()
        return cls(lexical._index)

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Open an index that `build` made."""
        return cls(tantivy.Index.open(str(folder)))

    def search(self, votes: Sequence[Vote], k: int) -> list[tuple[int, float]]:
        """Return the `k` best `(id, score)`, best first: BM25, each vote's part times its weight."""
        if not votes:
            return []
        query = _any_of(
            tantivy.Query.boost_query(
                tantivy.Query.disjunction_max_query([self._way(way) for way in vote.ways]),
                vote.weight,
            )
            for vote in votes
        )
        found = self._searcher.search(query, k)
        return [(self._searcher.doc(address)["id"][0], score) for score, address in found.hits]

    def _way(self, way: tuple[str, ...]) -> tantivy.Query:
        return tantivy.Query.boost_query(
            _any_of(
                tantivy.Query.term_query(self._index.schema, "terms", term, "freq") for term in way
            ),
            1 / len(way),
        )


def _any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True)
    builder.add_text_field("terms", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()
