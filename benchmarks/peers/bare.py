"""The least that any of them does for a question: one encoding by sentence-transformers, fp32."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer

from .serving import serve


class Bare:
    def __init__(self, weights: str) -> None:
        self.model = SentenceTransformer(weights, local_files_only=True)

    def build(self, files: list[str], folder: str) -> None:
        raise NotImplementedError

    def open(self, folder: str) -> None:
        pass

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        self.model.encode([question], prompt_name="query", show_progress_bar=False)
        return []


if __name__ == "__main__":
    serve(Bare)
