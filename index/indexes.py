"""What is searched: one state of the library's vectors and words, and how to get to its texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sources import Review

from .ivf import EXACT
from .lexical import LexicalIndex
from .rows import Vectors
from .shelf import texts_after
from .store import Store
from .units import Unit
from .vectors import VectorIndex
from .votes import Vote


@dataclass(frozen=True)
class Indexes(ABC):
    """One generation of a library, ready to be searched; ids are those of the store."""

    generation: str
    counts: Mapping[str, int]
    """How many sentences each language has."""
    store: Store = field(repr=False, compare=False)
    shelf: Mapping[str, Review] = field(repr=False, compare=False)

    def __len__(self) -> int:
        return sum(self.counts.values())

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of the sentences that each language has."""
        return {language: count / len(self) for language, count in self.counts.items()}

    def unit(self, id: int) -> Unit:
        """Return the sentence that has an id; KeyError if it was removed meanwhile."""
        return self.units([id])[id]

    def units(self, ids: Iterable[int]) -> dict[int, Unit]:
        """Return the sentences that have some ids; those removed meanwhile are left out."""
        return {
            id: Unit(id, passage, review, section, start, end, first, last, self.shelf)
            for id, start, end, passage, first, last, section, review in self.store.spans(ids)
        }

    @abstractmethod
    def nearest(
        self, kind: str, query: Vectors, k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        """Return the ids and scores of the `k` passages or sentences nearest to a `(d,)` query.

        Of named sources all are compared, however many.
        """

    @abstractmethod
    def sharing(
        self, votes: Sequence[Vote], k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        """Return the ids and BM25 scores of the `k` sentences that share the most words."""

    @abstractmethod
    def agree(self) -> bool:
        """Tell whether vectors and words are of the sentences and passages that the store holds."""


@dataclass(frozen=True)
class EmbeddedIndexes(Indexes):
    """The indexes that lie beside the database."""

    vectors: Mapping[str, VectorIndex]
    words: LexicalIndex

    def nearest(
        self, kind: str, query: Vectors, k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        index = self.vectors[kind]
        if sources is None and not index.is_inexact:
            return dict(index.search(query, k))
        if sources is None:
            found = index.search(query, max(k, EXACT))
            best = self.store.vectors_at(kind, [id for id, _ in found[:EXACT]])
            return dict([*compared(index.means, query, *best), *found[EXACT:]][:k])
        return dict(compared(index.means, query, *self.store.vectors_of(kind, sources)))

    def sharing(
        self, votes: Sequence[Vote], k: int, sources: Collection[str] | None = None
    ) -> dict[int, float]:
        numbers = None if sources is None else self.store.numbers(sources)
        return dict(self.words.search(votes, k, numbers))

    def agree(self) -> bool:
        sentences = set()
        for kind, index in self.vectors.items():
            for language, part in index.languages.items():
                ids = self.store.vector_ids(kind, language)
                held = part.held()
                if len(held) != len(ids) or set(held.tolist()) != ids:
                    return False
                if any(part.differs(*chunk) for chunk in self.store.chunks(kind, language)):
                    return False
                sentences |= ids if kind == "sentence" else set()
        texts = (text for _, _, text in texts_after(self.store, self.shelf, 0))
        try:
            return self.words.held() == sentences and not self.words.lacks(texts)
        except OSError:  # its files cannot be read
            return False


def compared(
    means: Mapping[str, Vectors],
    query: Vectors,
    ids: list[int],
    languages: list[str],
    vectors: Vectors,
) -> list[tuple[int, float]]:
    """Return ids and scores by the true vectors, best first."""
    common = {language: float(query @ mean) for language, mean in means.items()}
    scores = vectors @ query if ids else ()
    scored = [
        (id, float(score) - common[language])
        for id, language, score in zip(ids, languages, scores, strict=True)
    ]
    return sorted(scored, key=lambda each: (-each[1], each[0]))
