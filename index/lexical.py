"""Words: BM25 over the terms of every sentence, by tantivy."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import tantivy

from .terms import terms
from .votes import Vote

LOOKED_AT = 10_000
"""Sentences that the words of a question may be looked for in, each word's counted: about 1 ms."""
READ = 200_000
"""Places of words that are read: what the commonest words add to a score is not worth reading them
all for it. Cut off at the same shares of smaller libraries, both limits change nothing that could
be told from chance (`benchmarks/ask.md`)."""

SCHEMA = 2
"""Counts the changes of the fields; an index that has others is made anew."""

_HEAP = 64_000_000
_ANALYZER = "terms"


class LexicalIndex:
    """An inverted index on disk, as it was when it was opened; ids are the caller's.

    Its writers exclude each other by a lock of tantivy's own, which dies with its process.
    """

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(
            _ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        )
        index.reload()
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def create(cls, folder: Path) -> LexicalIndex:
        """Start an index in a folder that does not exist yet."""
        folder.mkdir(parents=True)
        with _on_disk():
            return cls(tantivy.Index(_schema(), path=str(folder)))

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Open an index that `create` made; raises OSError where there is none whole."""
        with _on_disk():
            return cls(tantivy.Index.open(str(folder)))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def changed(
        self, removed: Iterable[int], texts: Iterable[tuple[int, int, str]]
    ) -> LexicalIndex:
        """Take reviews out, put `(id, review, text)` in, and return the index as it is then.

        A review that is put in is taken out before, so that doing it twice is doing it once.
        Raises OSError where the disk does not take it.
        """
        with _on_disk():
            writer = self._index.writer(_HEAP, 1)
        fresh: set[int] = set()
        for review in removed:
            writer.delete_documents_by_term("review", review)
        for id, review, text in texts:
            if review not in fresh:
                fresh.add(review)
                writer.delete_documents_by_term("review", review)
            document = tantivy.Document()
            document.add_integer("id", id)
            document.add_integer("review", review)
            document.add_text("terms", " ".join(terms(text)))
            with _on_disk():
                writer.add_document(document)
        with _on_disk():
            writer.commit()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
            return LexicalIndex(self._index)

    def search(
        self, votes: Sequence[Vote], k: int, reviews: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the `k` best `(id, score)`, best first: BM25, each vote's part times its weight.

        Only those of some reviews, if any are named. Where the words are held by more than
        `LOOKED_AT` sentences, only those that hold one of the rarer words are looked at, so that
        what is said everywhere costs little; beyond `READ` it does not count.
        """
        if not votes:
            return []
        schema, occur, query = self._index.schema, tantivy.Occur, tantivy.Query
        rarer, common = self._by_rarity(votes)
        asked = _any_of(map(self._vote, rarer))
        for vote in common:  # one at a time: a union of them would be read from end to end
            asked = query.boolean_query([(occur.Must, asked), (occur.Should, self._vote(vote))])
        if reviews is not None:
            within = query.term_set_query(schema, "review", list(reviews))
            inside = query.const_score_query(within, 0.0)
            asked = query.boolean_query([(occur.Must, asked), (occur.Must, inside)])
        with _on_disk():
            found = self._searcher.search(asked, k, count=False)
            return [*zip(self._ids(found), (score for score, _ in found.hits), strict=True)]

    def _by_rarity(self, votes: Sequence[Vote]) -> tuple[list[Vote], list[Vote]]:
        """Part the votes into the rarest, one at least, held by `LOOKED_AT` sentences in all, and
        those after them, up to `READ` with those."""
        count = self._searcher.doc_freq
        held = [sum(count("terms", term) for way in vote.ways for term in way) for vote in votes]
        order = sorted(range(len(votes)), key=held.__getitem__)
        total = list(accumulate(held[at] for at in order))
        known = next((at for at, found in enumerate(total, 1) if found), len(votes))
        cut = max(known, bisect_right(total, LOOKED_AT))
        read = max(cut, bisect_right(total, READ))
        # In the order they were cast, in which their scores are added up.
        parts = order[:cut], order[cut:read]
        rarest, rest = ([votes[at] for at in sorted(part)] for part in parts)
        return rarest, rest

    def _vote(self, vote: Vote) -> tantivy.Query:
        ways = tantivy.Query.disjunction_max_query([self._way(way) for way in vote.ways])
        return tantivy.Query.boost_query(ways, vote.weight)

    def _way(self, way: tuple[str, ...]) -> tantivy.Query:
        query, schema = tantivy.Query, self._index.schema
        terms = (query.term_query(schema, "terms", term, "freq") for term in way)
        return query.boost_query(_any_of(terms), 1 / len(way))

    def held(self) -> set[int]:
        """Return the ids that can be found."""
        with _on_disk():
            found = self._searcher.search(tantivy.Query.all_query(), max(len(self), 1))
            return set(self._ids(found))

    def _ids(self, found: tantivy.SearchResult) -> list[int]:
        values = self._searcher.fast_field_values("id", [address for _, address in found.hits])
        return [int(value) for value in values if value is not None]

    def lacks(self, texts: Iterable[str]) -> bool:
        """Tell whether a term stands in more of these texts than of those that were put in."""
        counts = Counter(term for text in texts for term in set(terms(text)))
        with _on_disk():
            return any(self._searcher.doc_freq("terms", term) < counts[term] for term in counts)

    def holds_term(self, term: str) -> bool:
        """Tell whether a term is in the dictionary, of a sentence that can be found or not."""
        with _on_disk():
            return bool(self._searcher.doc_freq("terms", term))


@contextmanager
def _on_disk() -> Iterator[None]:
    """Turn what tantivy raises, for want of an error of its own, into what went wrong."""
    try:
        yield
    except ValueError as error:
        raise OSError(str(error)) from None


def _any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: tantivy-py deletes by an integer as a signed one, and silently finds no other.
    builder.add_integer_field("id", fast=True)
    builder.add_integer_field("review", indexed=True)
    builder.add_text_field("terms", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()
