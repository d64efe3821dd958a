"""The chat page: `python app.py`, then ask the library in a browser. Layout and wiring only."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, cast

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles

from index.engine import Engine
from qa import Assistant
from qa.cli import main
from qa.doors.entry import Entry, EntryError
from qa.doors.tls import Tls
from qa.web.api import add_api
from qa.web.arrival import visitor
from qa.web.changing import MAX_FILE
from qa.web.doors import put_doors
from qa.web.exporting import export
from qa.web.libraries import own_libraries
from qa.web.line import Line
from qa.web.listening import listen, run
from qa.web.opening import TOLD, Loader, Loaders
from qa.web.reader import extracted, read
from qa.web.shelf import Shelf
from qa.web.suggest import WORDS

PAGE = Path(__file__).parent / "qa" / "page"
FONTS = ["system-ui", "Noto Sans CJK SC", "sans-serif"]
SESSIONS = 256
"""Tabs that Gradio remembers, with a copy of the layout each; nothing is lost with one."""

Json = dict[str, Any]
Asked = Callable[[Loader, Any], Any]
"""What the page asks of a visitor's library."""


def build(loaders: Loaders) -> gr.Blocks:
    """Lay out the page; the modules in `qa/page`, which `create_app` serves, draw its parts."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    words, part = WORDS["zh"], partial(place, loaders)
    with gr.Blocks(
        title="原文 Yuanwen", analytics_enabled=False, delete_cache=(3600, 86400)
    ) as page:
        masthead = part("masthead")
        part("thread", export=export)
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
            part(
                "picker",
                shelf=lambda loader, _: Shelf(loader).show(),
                suggest=alone(lambda loader, _: Shelf(loader).suggest()),
            )
        part(
            "shelf",
            aside=lambda loader, asked: Shelf(loader).set_aside(asked),
            record=lambda loader, asked: Shelf(loader).record(asked),
        )
        part("reader", read=read, extracted=extracted)

        quietly: Json = {"show_progress": "hidden", "api_visibility": "private"}
        masthead.select(reword, None, [question, send], **quietly)
        gr.on([question.submit, send.click], None, question, question, js=call("thread", "ask"))
    queued: gr.Blocks = page.queue(max_size=64, default_concurrency_limit=8)
    queued.state_session_capacity = SESSIONS
    return queued


def place(loaders: Loaders, name: str, **functions: Asked) -> gr.HTML:
    """Return an empty place that the module of its name fills, calling the functions by name.

    Each is given the library of whoever calls it.
    """
    return gr.HTML(
        elem_id=name,
        html_template="<div></div>",
        js_on_load=f"{module(name)}.then((part) => part.mount({{element, trigger, server}}))",
        apply_default_css=False,
        server_functions=[named(loaders, name, function) for name, function in functions.items()],
    )


def named(loaders: Loaders, name: str, function: Asked) -> Callable[..., Any]:
    def told(asked: Any, request: gr.Request) -> Any:
        try:
            return function(own(request), asked)
        except TOLD as error:
            return {"error": {"text": str(error)}}

    async def awaited(asked: Any, request: gr.Request) -> Any:
        return await function(own(request), asked)

    def own(request: gr.Request) -> Loader:
        return loaders.of(visitor(cast("Request", request)))  # which it is, unlike in an event

    called = awaited if iscoroutinefunction(function) else told
    called.__name__ = name
    return called


def alone(function: Asked) -> Callable[[Loader, Any], Awaitable[Any]]:
    """Let one visitor at a time do what takes long; the others wait without holding a thread."""
    turn = asyncio.Lock()

    async def called(loader: Loader, asked: Any) -> Any:
        async with turn:
            return await asyncio.to_thread(function, loader, asked)

    return called


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


def create_app(loaders: Loaders, entry: Entry | None = None, mcp: bool = False) -> FastAPI:
    """Return the page, its files and the API, behind the doors: by default for this machine only.

    `loaders`: a `Loader` where all share one library. With `mcp`, desktop assistants can use it as
    tools, at `/mcp`. Raises EntryError where each should have a library and nobody has a name.
    """
    entry = entry or Entry()
    if loaders.own and entry.is_open:
        raise EntryError(
            "--own-libraries: 须登录，请加 --login，或用反向代理（--trust-proxy 加 --user-header）/ needs a login: "
            "add --login, or have a reverse proxy name people (--trust-proxy with --user-header)"
        )
    line = Line()
    lifespan, routes = endpoint(loaders, line) if mcp else (None, [])
    app = FastAPI(
        title="Yuanwen",
        description="Ask scientific reviews; be answered in their own words. See docs/json.md.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        routes=routes,
    )
    app.state.line = line
    add_api(app, loaders, entry.audit, line)
    app.mount("/page", StaticFiles(directory=PAGE))
    put_doors(app, entry, loaders)
    settings: Json = {"ssr_mode": False, "run_history": False, "footer_links": [], "pwa": False}
    settings |= {"enable_monitoring": False, "show_error": False, "max_file_size": MAX_FILE}
    looks: Json = {"theme": gr.themes.Base(font=FONTS, font_mono=["monospace"])}
    looks |= {
        "head": '<link rel="stylesheet" href="page/page.css">',
        "favicon_path": f"{PAGE}/favicon.svg",
    }
    mounted: FastAPI = gr.mount_gradio_app(app, build(loaders), path="/", **settings, **looks)
    return mounted


def endpoint(loaders: Loaders, line: Line) -> tuple[Any, list[Any]]:
    """Return what keeps the tools for desktop assistants running, and their routes."""
    try:
        from qa.web.tools import serve_tools
    except ModuleNotFoundError as missing:
        raise SystemExit(
            f"--mcp: 缺少 {missing.name}，请运行 pip install 'yuanwen[mcp]' / is missing; "
            "run pip install 'yuanwen[mcp]'"
        ) from None
    return serve_tools(loaders, line)


def serve(
    host: str = "127.0.0.1",
    port: int = 7860,
    library: Path | None = None,
    mcp: bool = False,
    entry: Entry | None = None,
    tls: Tls | None = None,
    engine: Engine | None = None,
    own: bool = False,
) -> None:
    """Serve the page until stopped; port 0 takes a free one. The library opens meanwhile.

    `own`: each has a library of his own, in a folder below `library`. `tls` are the files of
    certificate and key; without them it is plain HTTP.
    """
    listening = listen(host, port)
    loaders: Loaders = (
        own_libraries(library, engine)
        if own
        else Loader(lambda progress: Assistant.open(library, progress=progress, engine=engine))
    )
    app = create_app(loaders, entry, mcp)
    scheme, name = "https" if tls else "http", f"[{host}]" if ":" in host else host
    print(f"原文 Yuanwen: {scheme}://{name}:{listening.getsockname()[1]}", flush=True)
    run(app, listening, tls)


if __name__ == "__main__":
    raise SystemExit(main(["serve"]))
