"""Words: BM25 over the terms of every sentence, by tantivy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import tantivy

from .terms import terms

_HEAP = 64_000_000
_ANALYZER = "terms"


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

    def search(self, votes: Mapping[str, float], k: int) -> list[tuple[int, float]]:
        """Return the `k` best `(id, score)`, best first: BM25, each term's part times its vote."""
        schema = self._index.schema
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, "terms", term, "freq"), vote
                ),
            )
            for term, vote in votes.items()
        ]
        if not clauses:
            return []
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), k)
        return [(self._searcher.doc(address)["id"][0], score) for score, address in found.hits]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True)
    builder.add_text_field("terms", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()
