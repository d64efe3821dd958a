"""LlamaIndex: its sentence splitter, counting characters, and its own vector store."""

from __future__ import annotations

from pathlib import Path

from llama_index.core import (
    Document,
    Settings,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from .serving import OVERLAP, PASSAGE, QUERY, SIZE, serve


class LlamaIndex:
    def __init__(self, weights: str) -> None:
        Settings.llm = None
        Settings.embed_model = HuggingFaceEmbedding(
            weights, query_instruction=QUERY, text_instruction=PASSAGE
        )

    def build(self, files: list[str], folder: str) -> None:
        # Its own reader would embed each file's path with every chunk.
        read = [Document(text=Path(file).read_text("utf-8")) for file in files]
        splitter = SentenceSplitter(chunk_size=SIZE, chunk_overlap=OVERLAP, tokenizer=list)
        index = VectorStoreIndex.from_documents(read, transformations=[splitter])
        index.storage_context.persist(folder)

    def open(self, folder: str) -> None:
        self.index = load_index_from_storage(StorageContext.from_defaults(persist_dir=folder))

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        found = self.index.as_retriever(similarity_top_k=k).retrieve(question)
        return [(each.node.get_content(), float(each.score or 0)) for each in found]


if __name__ == "__main__":
    serve(LlamaIndex)
