"""Ask the library a question; be answered in its own words."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from platformdirs import user_data_path

from index import (
    Encoder,
    Hit,
    Library,
    SharedEncoder,
    default_encoder,
    find,
    read_question,
    search,
)
from index.engine import Engine
from index.progress import Progress

from .answer import Answer
from .cites import Citing, citing
from .engines import engine_named
from .errors import QuestionError
from .followup import read_as
from .refuse import THRESHOLD, confidence
from .select import select

MAX_QUESTION = 2000
"""Characters of the longest question read; longer ones are refused, not cut."""
MAX_QUOTES = 50
CONSIDERED = 20
"""Hits looked at for the confidence, however few quotes are asked for; twice as many as are asked
for at the least, since a quote may take two."""


class Assistant:
    """Answers questions with quotes from one library; safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self.library = library

    @classmethod
    def open(
        cls,
        library: Path | str | None = None,
        encoder: Encoder | None = None,
        progress: Progress | None = None,
        engine: Engine | None = None,
    ) -> Assistant:
        """Open the library in a folder, or the default one.

        The default library is built on first use, from the bundled reviews; a folder that is
        named starts empty. `YUANWEN_LIBRARY` names a folder too. `engine` finds the candidates,
        `index.milvus.Milvus(uri)` for one; without it, that of `YUANWEN_ENGINE`. Raises
        LibraryError, naming the place and the cure, for a library that cannot be used as it is.
        """
        return cls(open_library(library, encoder, progress, engine))

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        sources: Collection[str] | None = None,
        k: int = 3,
    ) -> Answer:
        """Answer a question with up to `k` quotes, best first, or say that nothing answers it.

        `history` holds the questions asked before, oldest first; `sources` the ids of the reviews
        to ask, all of them if None. Raises QuestionError for a question that cannot be read, and
        LibraryError for an unknown source, or where the file of a quote has changed.
        """
        question = _checked(question)
        if not 1 <= k <= MAX_QUOTES:
            raise QuestionError(
                f"k 应在 1 到 {MAX_QUOTES} 之间 / k must be from 1 to {MAX_QUOTES}: {k}"
            )
        understood = read_as(question, [_checked(asked) for asked in history])
        if sources is not None:
            self.library.demand(sources)
        asked = read_question(self.library.encoder, understood, question)
        with self.library.searching():
            hits = find(self.library, asked, max(2 * k, CONSIDERED), sources)
            sure = confidence(hits, question)
            quotes = select(hits, k)
        self.library.demand_unchanged({quote.review for quote in quotes})
        for quote in quotes:
            quote.prove()
        if sure >= THRESHOLD:
            return Answer(question, "answered", sure, quotes, (), understood)
        return Answer(question, "not_found", sure, (), quotes, understood)

    def search(
        self, question: str, k: int = 20, sources: Collection[str] | None = None
    ) -> list[Hit]:
        """Return the `k` sentences nearest to a question: no selection, no refusal."""
        if sources is not None:
            self.library.demand(sources)
        hits = search(self.library, question, k, sources)
        self.library.demand_unchanged({hit.span.review for hit in hits})
        return hits

    def cites(self, entry: str, sources: Collection[str] | None = None) -> list[Citing]:
        """Return the entries that a number, a DOI or words name, with the sentences citing them.

        See `qa.cites.citing` for what the words may be and what is raised.
        """
        return citing(self.library, entry, sources)


def open_library(
    folder: Path | str | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Library:
    """Open the library in a folder, or the default one, filled with the bundled reviews."""
    named = folder or os.environ.get("YUANWEN_LIBRARY")
    library = Library(
        Path(named) if named else user_data_path("yuanwen") / "library",
        SharedEncoder(encoder or default_encoder()),
        engine or engine_named(),
    )
    if not named:
        library.fill(progress)
    return library


def _checked(question: str) -> str:
    question = question.strip()
    if not question:
        raise QuestionError(
            "问题是空的，请写下要问的内容 / the question is empty; write what to ask"
        )
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"问题太长（{len(question)} 字），请缩短到 {MAX_QUESTION} 字以内 / the question is too long; "
            f"shorten it to {MAX_QUESTION} characters"
        )
    return question
