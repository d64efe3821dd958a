"""LangChain: its recursive splitter, its sentence-transformers embeddings, its FAISS store."""

from __future__ import annotations

from langchain_community.document_loaders import TextLoader
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from .serving import OVERLAP, PASSAGE, QUERY, SIZE, serve


class LangChain:
    def __init__(self, weights: str) -> None:
        self.embeddings = HuggingFaceEmbeddings(
            model_name=weights,
            encode_kwargs={"prompt": PASSAGE},
            query_encode_kwargs={"prompt": QUERY},
        )

    def build(self, files: list[str], folder: str) -> None:
        read = [each for file in files for each in TextLoader(file, encoding="utf-8").load()]
        splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=OVERLAP)
        FAISS.from_documents(splitter.split_documents(read), self.embeddings).save_local(folder)

    def open(self, folder: str) -> None:
        # Its documents are pickled, and it wants to hear that the file is one's own.
        self.store = FAISS.load_local(folder, self.embeddings, allow_dangerous_deserialization=True)

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        found = self.store.similarity_search_with_score(question, k=k)
        return [(each.page_content, -float(distance)) for each, distance in found]


if __name__ == "__main__":
    serve(LangChain)
