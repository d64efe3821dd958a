"""This project, as one of those measured: its units are the highlights of its quotes."""

from __future__ import annotations

from pathlib import Path

from index import Library, SharedEncoder, default_encoder
from qa import Assistant

from .serving import serve


class Ours:
    def __init__(self, _: str) -> None:
        self.encoder = SharedEncoder(default_encoder())

    def build(self, files: list[str], folder: str) -> None:
        library = Library(Path(folder), self.encoder)
        library.add(map(Path, files))
        library.indexes()
        library.close()

    def open(self, folder: str) -> None:
        self.assistant = Assistant.open(folder, self.encoder)

    def ask(self, question: str, k: int) -> list[tuple[str, float]]:
        answer = self.assistant.ask(question, k=k)
        shown = answer.quotes or answer.nearest
        scores = [answer.confidence, *(quote.score for quote in shown[1:])]
        return [(quote.highlight, score) for quote, score in zip(shown, scores, strict=True)]


if __name__ == "__main__":
    serve(Ours)
