"""One turn of a conversation on the page: a question in, an answer with what the page needs out."""

from __future__ import annotations

from typing import Any

from sources import language

from ..answer import Answer, Quote
from ..doors.log import note_question
from .opening import TOLD, Loader
from .reader import cites_within

MAX_HISTORY = 20

Json = dict[str, Any]


def ask(loader: Loader, turn: Any) -> Json:
    """Answer one turn of a conversation; what is wrong with it comes back as one plain line."""
    turn = turn if isinstance(turn, dict) else {}
    question, history, sources = (turn.get(name) for name in ("question", "history", "sources"))
    if not isinstance(question, str) or not _is_texts(history) or not _is_texts(sources or []):
        return {"error": {"told": "unreadable"}}  # anyone can send anything
    if sources == []:
        return {"error": {"told": "chooseOne"}}
    note_question(question)
    try:
        answer = loader.assistant().ask(question, history[-MAX_HISTORY:], sources)
    except TOLD as error:
        return {"error": {"text": str(error)}}
    return {"answer": show(answer)}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def show(answer: Answer) -> Json:
    """Return an answer as JSON, its quotes with what the page needs besides."""
    quotes, nearest = (list(map(show_quote, each)) for each in (answer.quotes, answer.nearest))
    return answer.as_dict() | {"quotes": quotes, "nearest": nearest}


def show_quote(quote: Quote) -> Json:
    """Return a quote as JSON, with its languages, its citation, and where the reader opens it."""
    place = {
        "review": quote.review.id,
        "section": quote.section,
        "lang": quote.review.language,
        "lines": [quote.highlights[0].line, quote.highlights[-1].line_end],
        "page": quote.page,
        "label": quote.page_label or str(quote.page),
        "marks": [[span.start, span.end] for span in quote.highlights],
        "listed": bool(quote.review.references),
    }
    told = quote.as_dict()
    for reference in told["references"]:
        reference["lang"] = language(reference["text"] or "")
    words = {"lang": quote.passage.language, "cites": cites_within(quote.passage)}
    return told | words | {"citation": quote.citation(), "place": place}
