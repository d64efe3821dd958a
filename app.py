"""The chat page: `python app.py`, then ask the library in a browser. Layout and wiring only."""

from __future__ import annotations

import argparse
import json
import os
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from index import EncoderError, LibraryError
from qa import Answer, Assistant, Quote, QuestionError
from sources import SourceError, Span, language

PAGE = Path(__file__).parent / "qa" / "page"
STRINGS: dict[str, dict[str, str]] = json.loads((PAGE / "strings.json").read_text("utf-8"))
FONTS = ["system-ui", "Noto Sans CJK SC", "sans-serif"]
LOOPBACK = ["127.0.0.1", "localhost"]
REFUSALS = (QuestionError, LibraryError, EncoderError, SourceError)
"""Errors whose message is written for the reader."""

MAX_HISTORY = 20
CANDIDATES = 40
"""Headings tried as questions at the start; about 20 ms each."""
SUGGESTIONS = 12

# `unsafe-inline` and `unsafe-eval` are what gr.HTML needs; nothing may come from elsewhere.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Opener = Callable[[Callable[[str, int, int], None]], Assistant]
"""Opens an assistant, telling its progress; see `Assistant.open`."""


class Loader:
    """One assistant for every visitor, opened in the background so that the page is there at once."""

    def __init__(self, opener: Opener) -> None:
        self._progress = ""
        self._generation = ""
        self._suggestions: list[dict[str, Any]] = []
        self._opened = ThreadPoolExecutor(1, "opening").submit(self._open, opener)

    def _open(self, opener: Opener) -> Assistant:
        assistant = opener(self._advance)
        self._suggest(assistant)  # also loads the model, before anyone waits for it
        return assistant

    def _advance(self, title: str, done: int, total: int) -> None:
        self._progress = f"{done}/{total}"

    def assistant(self) -> Assistant:
        """Return the assistant, waiting until it is open; raises what opening it raised."""
        return self._opened.result()

    def health(self) -> dict[str, str]:
        """Return `status` ("loading", "ready", "failed") and, where there is one, `detail`."""
        if not self._opened.done():
            told = {"status": "loading", "detail": self._progress}
        elif error := self._opened.exception():
            told = {"status": "failed", "detail": str(error) or type(error).__name__}
        else:
            told = {"status": "ready", "detail": ""}
        return {name: value for name, value in told.items() if value}

    def suggestions(self) -> list[dict[str, Any]]:
        """Return headings that make questions which their own sections answer, surest first."""
        assistant = self.assistant()
        if assistant.library.versions.generation != self._generation:
            self._suggest(assistant)
        return self._suggestions

    def _suggest(self, assistant: Assistant) -> None:
        self._generation = assistant.library.versions.generation
        self._suggestions = suggestions(assistant)


def suggestions(assistant: Assistant) -> list[dict[str, Any]]:
    """Return the headings of a library that make good questions in every interface language."""
    headings = (
        [(review, at) for at, part in enumerate(review.sections) if part.role == "body"]
        for review in assistant.library.reviews.values()
    )
    turns = filter(None, chain.from_iterable(zip_longest(*headings)))
    found = []
    for review, section in list(turns)[:CANDIDATES]:
        if heading := review.section_title(section):
            asked = [words["suggest"].format(heading=heading) for words in STRINGS.values()]
            answers = [assistant.ask(question, sources=[review.id], k=1) for question in asked]
            if all(answer.quotes and answer.quotes[0].section == section for answer in answers):
                sure = min(answer.confidence for answer in answers)
                found.append((sure, {"heading": heading, "review": review.id, "section": section}))
    best = [told for _, told in sorted(found, key=lambda each: -each[0])]
    seen: Counter[str] = Counter()
    for told in best:
        told["rank"] = seen[told["review"]]
        seen[told["review"]] += 1
    return sorted(best, key=lambda told: told["rank"])[:SUGGESTIONS]  # each review in its turn


def ask(loader: Loader, turn: Any) -> dict[str, Any]:
    """Answer one turn of a conversation; what is wrong with it comes back as one plain line."""
    turn = turn if isinstance(turn, dict) else {}
    reply = {"id": str(turn.get("id"))}
    if turn.get("sources") == []:
        return reply | {"error": {"told": "chooseOne"}}
    try:
        question, history, sources = read_turn(turn)
        return reply | {"answer": show(loader.assistant().ask(question, history, sources))}
    except REFUSALS as error:
        return reply | {"error": {"text": str(error)}}


def read_turn(turn: dict[str, Any]) -> tuple[str, list[str], list[str] | None]:
    """Return question, history and sources; anyone can send anything, so their types are checked."""
    question, history, sources = (turn.get(name) for name in ("question", "history", "sources"))
    lists = (history or [], sources or [])
    are_texts = all(
        isinstance(each, list) and all(isinstance(text, str) for text in each) for each in lists
    )
    if not isinstance(question, str) or not are_texts:
        raise QuestionError(
            "问题读不懂，请刷新页面再问 / the question cannot be read; reload the page and ask again"
        )
    return question, lists[0][-MAX_HISTORY:], sources


def show(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON, each quote with what the page needs besides."""
    shown = answer.as_dict()
    for name in ("quotes", "nearest"):
        quotes: tuple[Quote, ...] = getattr(answer, name)
        shown[name] = [show_quote(quote) for quote in quotes]
    return shown


def show_quote(quote: Quote) -> dict[str, Any]:
    first, last = quote.highlights[0], quote.highlights[-1]
    return quote.as_dict() | {
        "lang": quote.passage.language,
        "citation": quote.citation(),
        "place": {
            "review": quote.review.id,
            "section": quote.section,
            "lang": quote.review.language,
            "lines": [first.line, last.line_end],
            "marks": [[span.start, span.end] for span in quote.highlights],
            "listed": bool(quote.review.references),
        },
    }


def shelf(loader: Loader) -> dict[str, Any]:
    """Return the reviews of the library and the questions they suggest."""
    reviews = [
        {
            "id": review.id,
            "title": review.title,
            "lang": language(review.title),
            "passages": len(review.passages),
        }
        for review in loader.assistant().library.reviews.values()
    ]
    return {"reviews": reviews, "suggestions": loader.suggestions()}


def read(loader: Loader, place: Any) -> dict[str, Any]:
    """Return the section at a place in a review, with the sections before and after it."""
    place = place if isinstance(place, dict) else {}
    review = loader.assistant().library.reviews.get(str(place.get("review")))
    at = place.get("section")
    if review is None or not isinstance(at, int) or not 0 <= at < len(review.sections):
        return {"error": {"told": "gone"}}
    return {
        "sections": [
            {
                "path": review.section_path(section),
                "lang": review.language,
                "paragraphs": [
                    {
                        "start": start,
                        "text": review.text[start:end],
                        "lang": Span(review, start, end).language,
                    }
                    for start, end in review.layout.paragraphs
                    if review.section_at(start) == section
                ],
            }
            for section in range(max(at - 1, 0), min(at + 2, len(review.sections)))
        ]
    }


def build(source: Assistant | Loader) -> gr.Blocks:
    """Lay out the page; its parts are drawn by the modules in `qa/page`, which `create_app` serves."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    loader = source if isinstance(source, Loader) else Loader(lambda _: source)
    words = STRINGS["zh"]
    with gr.Blocks(
        title="原文 Yuanwen", analytics_enabled=False, delete_cache=(3600, 86400)
    ) as page:
        masthead = part("masthead")
        thread = part("thread")
        with gr.Column(elem_id="desk"):
            with gr.Row(elem_id="composer"):
                question = gr.Textbox(
                    label=words["question"],
                    placeholder=words["placeholder"],
                    max_lines=8,
                    container=False,
                    autofocus=True,
                    elem_id="question",
                )
                send = gr.Button(words["send"], variant="primary", scale=0, elem_id="send")
            part("library", shelf=lambda _: shelf(loader))
        part("reader", read=lambda place: read(loader, place))

        quietly = {"show_progress": "hidden", "api_visibility": "private"}
        masthead.select(reword, None, [question, send], **quietly)
        gr.on([question.submit, send.click], None, question, question, js=call("thread", "ask"))
        answered = thread.submit(
            partial(ask, loader), thread, thread, trigger_mode="multiple", **quietly
        )
        answered.failure(None, js=call("thread", "failPending"))
    page.queue(max_size=64, default_concurrency_limit=8)
    return page


def part(name: str, **functions: Callable[[Any], dict[str, Any]]) -> gr.HTML:
    """Return a part of the page: an empty place, filled by the module of its name."""
    for function_name, function in functions.items():
        function.__name__ = function_name  # by which the module calls it
    return gr.HTML(
        elem_id=name,
        html_template="<div></div>",
        js_on_load=f"{module(name)}.then((part) => part.mount({{element, trigger, props, server, watch}}))",
        apply_default_css=False,
        server_functions=list(functions.values()),
    )


def call(name: str, function: str) -> str:
    """Return the JavaScript that hands a value to a function of a module, and empties it."""
    return f"async (value) => (await {module(name)}).{function}(value) ?? ''"


def module(name: str) -> str:
    return f"import(new URL('page/{name}.js', document.baseURI))"


def reword(event: gr.EventData) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put Gradio's own parts into the interface language."""
    words = STRINGS.get(event.language, STRINGS["en"])
    box = gr.update(label=words["question"], placeholder=words["placeholder"])
    return box, gr.update(value=words["send"])


def create_app(loader: Loader, hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """Return the page, its files and `/api/health`, served to the given host names only."""
    app = FastAPI(title="Yuanwen", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def fenced(request: Request, call_next: Callable[..., Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        if request.url.path.startswith("/page/"):
            response.headers["Cache-Control"] = "no-cache"  # a new version is seen at once
        return response

    @app.get("/api/health")
    async def health() -> dict[str, str]:
        return loader.health()

    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.mount("/page", StaticFiles(directory=PAGE))
    return gr.mount_gradio_app(
        app,
        build(loader),
        path="/",
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"]),
        head='<link rel="stylesheet" href="page/page.css">',
        favicon_path=str(PAGE / "favicon.svg"),
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        pwa=False,
        enable_monitoring=False,
        show_error=False,
        max_file_size="50mb",
    )


def serve(host: str = "127.0.0.1", port: int = 7860, library: Path | None = None) -> None:
    """Serve the page until stopped; the library opens while the page is already there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SystemExit(
            f"{host}:{port}: 不能监听（{error}），请换一个端口 / cannot listen there; try another port"
        )
    anyone = host in ("0.0.0.0", "::")
    hosts = ["*"] if anyone else [*LOOPBACK, host]
    app = create_app(Loader(lambda progress: Assistant.open(library, progress=progress)), hosts)
    name = f"[{host}]" if ":" in host else host
    print(f"原文 Yuanwen: http://{name}:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run([listening])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--library", type=Path, help="a folder; the default library if left out")
    serve(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
