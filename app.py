"""The chat page: `python app.py`, then ask the library in a browser. Layout and wiring only."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from index import EncoderError, LibraryError, WeightsError
from qa import Answer, Assistant, QuestionError, Quote
from sources import Review, SourceError, language

PAGE = Path(__file__).parent / "qa" / "page"
WORDS: dict[str, dict[str, str]] = json.loads((PAGE / "strings.json").read_text("utf-8"))
FONTS = ["system-ui", "Noto Sans CJK SC", "sans-serif"]
LOOPBACK = ("127.0.0.1", "localhost")
TOLD = (QuestionError, LibraryError, EncoderError, WeightsError, SourceError)
"""Errors whose message is written for the reader."""

MAX_HISTORY = 20
TRIED_REVIEWS, TRIED_SECTIONS = 8, 30
"""How much of the library is tried for questions to suggest; about 40 ms a section."""

# gr.HTML needs `unsafe-inline` and `unsafe-eval`; nothing may come from or go to elsewhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Json = dict[str, Any]
Opener = Callable[[Callable[[str, int, int], None]], Assistant]
"""Opens an assistant, telling how far it is; see `Assistant.open`."""


class Loader:
    """One assistant for every visitor, opened in the background: the page is there before it."""

    def __init__(self, opener: Opener) -> None:
        self._progress = ""
        self._suggested: tuple[str, list[Json]] = ("", [])
        self._opened = ThreadPoolExecutor(1, "opening").submit(self._open, opener)

    def _open(self, opener: Opener) -> Assistant:
        assistant = opener(self._advance)
        self._suggest(assistant)  # also loads the model before anyone waits for it
        return assistant

    def _advance(self, title: str, done: int, total: int) -> None:
        self._progress = f"{done}/{total}"

    def assistant(self) -> Assistant:
        """Return the assistant, waiting until it is open; raises what opening it raised."""
        return self._opened.result()

    def health(self) -> Json:
        """Return `status`: "loading", "ready" or "failed", with `detail` unless ready."""
        if not self._opened.done():
            return {"status": "loading", "detail": self._progress}
        error = self._opened.exception()
        return {"status": "failed", "detail": str(error)} if error else {"status": "ready"}

    def suggestions(self) -> list[Json]:
        """Return what to ask the library as it is now."""
        return self._suggest(self.assistant())

    def _suggest(self, assistant: Assistant) -> list[Json]:
        generation = assistant.library.versions.generation
        if self._suggested[0] != generation:
            tried = list(assistant.library.reviews.values())[:TRIED_REVIEWS]
            turns = zip_longest(*(good_headings(assistant, review) for review in tried))
            self._suggested = (generation, [one for turn in turns for one in turn if one])
        return self._suggested[1]


def good_headings(assistant: Assistant, review: Review) -> list[Json]:
    """Return the headings that, asked in every interface language, find their own section."""
    found = []
    for section, part in enumerate(review.sections[:TRIED_SECTIONS]):
        heading = review.section_title(section)
        if part.role == "body" and heading:
            asked = [words["suggest"].replace("{heading}", heading) for words in WORDS.values()]
            answers = [assistant.ask(question, sources=[review.id], k=1) for question in asked]
            if all(answer.quotes and answer.quotes[0].section == section for answer in answers):
                told = {"heading": heading, "review": review.id, "section": section}
                found.append((min(answer.confidence for answer in answers), told))
    return [told for _, told in sorted(found, key=lambda each: -each[0])]


def ask(loader: Loader, turn: Any) -> Json:
    """Answer one turn of a conversation; what is wrong with it comes back as one plain line."""
    turn = turn if isinstance(turn, dict) else {}
    reply = {"id": str(turn.get("id"))}
    question, history, sources = (turn.get(name) for name in ("question", "history", "sources"))
    if not isinstance(question, str) or not is_texts(history) or not is_texts(sources or []):
        return reply | {"error": {"told": "unreadable"}}  # anyone can send anything
    if sources == []:
        return reply | {"error": {"told": "chooseOne"}}
    try:
        answer = loader.assistant().ask(question, history[-MAX_HISTORY:], sources)
    except TOLD as error:
        return reply | {"error": {"text": str(error)}}
    return reply | {"answer": show(answer)}


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def show(answer: Answer) -> Json:
    """Return an answer as JSON, its quotes with what the page needs besides."""
    quotes, nearest = (list(map(show_quote, each)) for each in (answer.quotes, answer.nearest))
    return answer.as_dict() | {"quotes": quotes, "nearest": nearest}


def show_quote(quote: Quote) -> Json:
    place = {
        "review": quote.review.id,
        "section": quote.section,
        "lang": quote.review.language,
        "lines": [quote.highlights[0].line, quote.highlights[-1].line_end],
        "marks": [[span.start, span.end] for span in quote.highlights],
        "listed": bool(quote.review.references),
    }
    more = {"lang": quote.passage.language, "citation": quote.citation(), "place": place}
    return quote.as_dict() | more


def shelf(loader: Loader) -> Json:
    """Return the reviews of the library and what to ask them."""
    reviews = loader.assistant().library.reviews.values()
    told = [
        {"id": each.id, "title": each.title, "lang": each.language, "passages": len(each.passages)}
        for each in reviews
    ]
    return {"reviews": told, "suggestions": loader.suggestions()}


def read(loader: Loader, place: Any) -> Json:
    """Return the section at a place of a review, with the sections before and after it."""
    place = place if isinstance(place, dict) else {}
    review = loader.assistant().library.reviews.get(str(place.get("review")))
    at = place.get("section")
    if review is None or not isinstance(at, int) or not 0 <= at < len(review.sections):
        return {"error": {"told": "gone"}}
    around = range(max(at - 1, 0), min(at + 2, len(review.sections)))
    return {"sections": [show_section(review, section) for section in around]}


def show_section(review: Review, section: int) -> Json:
    spans = [span for span in review.layout.paragraphs if review.section_at(span[0]) == section]
    texts = [(start, review.text[start:end]) for start, end in spans]
    told = [{"start": start, "text": text, "lang": language(text)} for start, text in texts]
    path = review.section_path(section) if review.section_title(section) else ()
    return {"heading": path[-1] if path else "", "lang": review.language, "paragraphs": told}


def build(source: Assistant | Loader) -> gr.Blocks:
    """Lay out the page; the modules in `qa/page`, which `create_app` serves, draw its parts."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    loader = source if isinstance(source, Loader) else Loader(lambda _: source)
    words = WORDS["zh"]
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

        quietly: Json = {"show_progress": "hidden", "api_visibility": "private"}
        masthead.select(reword, None, [question, send], **quietly)
        gr.on([question.submit, send.click], None, question, question, js=call("thread", "ask"))
        answered = thread.submit(
            lambda turn: ask(loader, turn), thread, thread, trigger_mode="multiple", **quietly
        )
        answered.failure(None, js=call("thread", "failPending"))
    queued: gr.Blocks = page.queue(max_size=64, default_concurrency_limit=8)
    return queued


def part(name: str, **functions: Callable[[Any], Json]) -> gr.HTML:
    """Return an empty place that the module of its name fills, calling the functions by name."""
    for function_name, function in functions.items():
        function.__name__ = function_name
    return gr.HTML(
        elem_id=name,
        html_template="<div></div>",
        js_on_load=f"{module(name)}.then((part) => part.mount({{element, trigger, props, server, watch}}))",
        apply_default_css=False,
        server_functions=list(functions.values()),
    )


def call(name: str, function: str) -> str:
    """Return JavaScript that hands a value to a function of a module, and leaves none behind."""
    return f"async (value) => {{ (await {module(name)}).{function}(value); return ''; }}"


def module(name: str) -> str:
    return f"import(new URL('page/{name}.js', document.baseURI))"


def reword(event: gr.EventData) -> tuple[Json, Json]:
    """Put Gradio's own parts into the interface language."""
    words = WORDS.get(event.language, WORDS["en"])
    box = gr.update(label=words["question"], placeholder=words["placeholder"])
    return box, gr.update(value=words["send"])


def create_app(loader: Loader, hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """Return the page, its files and `/api/health`, for visitors who use one of the host names."""
    app = FastAPI(title="Yuanwen", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def fence(request: Request, respond: Callable[..., Awaitable[Response]]) -> Response:
        response = await respond(request)
        response.headers.update(HEADERS)
        if request.url.path.startswith("/page/"):
            response.headers["Cache-Control"] = "no-cache"  # a new version is seen at once
        return response

    @app.get("/api/health")
    async def health() -> Json:
        return loader.health()

    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.mount("/page", StaticFiles(directory=PAGE))
    settings: Json = {"ssr_mode": False, "run_history": False, "footer_links": [], "pwa": False}
    settings |= {"enable_monitoring": False, "show_error": False, "max_file_size": "50mb"}
    looks: Json = {"theme": gr.themes.Base(font=FONTS, font_mono=["monospace"])}
    looks |= {
        "head": '<link rel="stylesheet" href="page/page.css">',
        "favicon_path": f"{PAGE}/favicon.svg",
    }
    mounted: FastAPI = gr.mount_gradio_app(app, build(loader), path="/", **settings, **looks)
    return mounted


def serve(host: str = "127.0.0.1", port: int = 7860, library: Path | None = None) -> None:
    """Serve the page until stopped; port 0 takes a free one. The library opens meanwhile."""
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise SystemExit(
            f"{host}:{port}: 不能监听（{error.strerror}），请换一个端口 / cannot listen; try another port"
        ) from None
    hosts = ["*"] if host == "0.0.0.0" else [*LOOPBACK, host]
    app = create_app(Loader(lambda progress: Assistant.open(library, progress=progress)), hosts)
    print(f"原文 Yuanwen: http://{host}:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)).run(
        [listening]
    )


if __name__ == "__main__":
    serve()
