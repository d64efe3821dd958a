"""Haystack: its recursive splitter and in-memory store, by meaning and by words, ranks fused."""

from __future__ import annotations

from pathlib import Path

from haystack import Pipeline
from haystack.components.converters import TextFileToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import RecursiveDocumentSplitter
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from .serving import OVERLAP, PASSAGE, QUERY, SIZE, serve

SEPARATORS = ["\n\n", "\n", " "]
"""Its default but for sentences, which need data that is fetched."""


class Haystack:
    def __init__(self, weights: str) -> None:
        # A component belongs to one pipeline, so what embeds questions is made once.
        self.passages = SentenceTransformersDocumentEmbedder(
            model=weights, prefix=PASSAGE, local_files_only=True, progress_bar=False
        )
        self.questions = SentenceTransformersTextEmbedder(
            model=weights, prefix=QUERY, local_files_only=True, progress_bar=False
        )

    def build(self, files: list[str], folder: str) -> None:
        store = InMemoryDocumentStore()
        read = TextFileToDocument().run(sources=list(files))
        splitter = RecursiveDocumentSplitter(
            split_length=SIZE, split_overlap=OVERLAP, split_unit="char", separators=SEPARATORS
        )
        split = splitter.run(documents=read["documents"])
        embedded = self.passages.run(documents=split["documents"])
        DocumentWriter(store).run(documents=embedded["documents"])
        Path(folder).mkdir()
        store.save_to_disk(str(Path(folder) / "store.json"))

    def open(self, folder: str) -> None:
        store = InMemoryDocumentStore.load_from_disk(str(Path(folder) / "store.json"))
        pipeline = Pipeline()
        pipeline.add_component("question", self.questions)
        pipeline.add_component("meaning", InMemoryEmbeddingRetriever(store))
        pipeline.add_component("words", InMemoryBM25Retriever(store))
        pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("question.embedding", "meaning.query_embedding")
        pipeline.connect("meaning", "joined")
        pipeline.connect("words", "joined")
        self.pipeline = pipeline

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        given = {"question": {"text": question}, "words": {"query": question}}
        found = self.pipeline.run(given | {"joined": {"top_k": k}})["joined"]["documents"]
        return [(each.content or "", float(each.score or 0)) for each in found]


if __name__ == "__main__":
    serve(Haystack)
