"""verbatim-rag: its simple chunker, its index on Milvus Lite. What picks quotes out of the chunks
is a model of a hub or a language model, neither of which is here: its units are the chunks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from milvus_lite.server_manager import server_manager_instance
from verbatim_rag import DocumentSchema, VerbatimIndex
from verbatim_rag.chunker_providers import SimpleChunkerProvider
from verbatim_rag.embedding_providers import SentenceTransformersProvider
from verbatim_rag.vector_stores import LocalMilvusStore

from .serving import OVERLAP, PASSAGE, QUERY, SIZE, serve


class Prompted(SentenceTransformersProvider):
    """Its provider, with the prompts that it has no setting for."""

    def embed_text(self, text: str) -> Any:
        return super().embed_text(QUERY + text)

    def embed_batch(self, texts: list[str]) -> Any:
        return super().embed_batch([PASSAGE + text for text in texts])


class VerbatimRag:
    def __init__(self, weights: str) -> None:
        self.provider = Prompted(weights)

    def build(self, files: list[str], folder: str) -> None:
        Path(folder).mkdir()
        self.open(folder)
        self.index.add_documents(
            [
                DocumentSchema(content=Path(file).read_text("utf-8"), title=Path(file).stem)
                for file in files
            ]
        )
        self.index.vector_store.client.close()
        # Closing leaves the server of the file running.
        server_manager_instance.release_server(self.index.vector_store.db_path)

    def open(self, folder: str) -> None:
        self.index = VerbatimIndex(
            vector_store=LocalMilvusStore(
                str(Path(folder) / "milvus.db"),
                dense_dim=self.provider.get_dimension(),
                enable_sparse=False,
            ),
            dense_provider=self.provider,
            chunker_provider=SimpleChunkerProvider(SIZE, OVERLAP),
        )

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        return [(each.text, float(each.score)) for each in self.index.query(question, k=k)]


if __name__ == "__main__":
    serve(VerbatimRag)
