"""txtai: its segmentation by Chonkie, its embeddings database, by meaning and by words."""

from __future__ import annotations

from pathlib import Path

from txtai import Embeddings
from txtai.pipeline import Segmentation

from .serving import OVERLAP, PASSAGE, QUERY, SIZE, serve


class Txtai:
    def __init__(self, weights: str) -> None:
        self.settings = {
            "path": weights,
            "instructions": {"query": QUERY, "data": PASSAGE},
            "content": True,
            "hybrid": True,
        }
        # Loads the weights: databases made with these settings share them.
        self.models: dict[str, object] = {}
        Embeddings(self.settings, models=self.models)

    def build(self, files: list[str], folder: str) -> None:
        cut = Segmentation(
            chunker="token", tokenizer="character", chunk_size=SIZE, chunk_overlap=OVERLAP
        )
        texts = [chunk for file in files for chunk in cut(Path(file).read_text("utf-8"))]
        database = Embeddings(self.settings, models=self.models)
        database.index(texts)
        database.save(folder)
        database.close()

    def open(self, folder: str) -> None:
        self.database = Embeddings(models=self.models)
        self.database.load(folder)

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        return [(each["text"], each["score"]) for each in self.database.search(question, k)]


if __name__ == "__main__":
    serve(Txtai)
