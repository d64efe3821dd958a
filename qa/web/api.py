"""The HTTP API: ask, list the sources, tell how the library is; described at `/api/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse

from ..doors.audit import Audit
from ..doors.log import note_question
from .arrival import visitor
from .asking import ask as ask_on_page
from .changing import MAX_FILE, note_outcomes
from .headers import HEADERS
from .line import Line
from .opening import OPENING, TOLD, Loader, Loaders
from .shapes import Answer, Ask, Health, Listed, Problem
from .shelf import Shelf
from .turns import ANSWERS, in_turn

DOCS = Path(__file__).parents[1] / "page" / "api.html"
_TOO_LARGE = (
    f"文件超过 {MAX_FILE // 1_000_000} MB，请用 yuanwen add 添加 / "
    f"larger than {MAX_FILE // 1_000_000} MB; add the file with yuanwen add"
)
_UNREADY: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "The library is not open; `/api/health` says why"}
}
_BUSY: dict[int | str, dict[str, Any]] = {
    503: {
        "model": Problem,
        "description": "Busy: ask again after the seconds of `Retry-After`; or the library is not "
        "open: `/api/health` says why",
    }
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The question cannot be asked; the line says why"}
}


class Unready(RuntimeError):
    """The library is not open, or cannot be opened."""


def add_api(app: FastAPI, loaders: Loaders, audit: Audit, line: Line) -> None:
    """Add the routes of the API, and what their errors look like."""
    app.include_router(_routes(loaders, audit, line))
    app.add_exception_handler(Exception, _unforeseen)
    for told, status in {**dict.fromkeys(TOLD, 400), Unready: 503}.items():
        app.add_exception_handler(told, _answer_with(status))
    for what, answer in ANSWERS.items():
        app.add_exception_handler(what, answer)


def _routes(loaders: Loaders, audit: Audit, line: Line) -> APIRouter:
    router = APIRouter()

    @router.post("/api/ask", responses=_REFUSED | _BUSY)
    async def ask(request: Request, asked: Ask) -> Answer:
        """Answer a question with quotes from the reviews, or say that they do not answer it."""
        note_question(asked.question)
        assistant = (await opened(request)).assistant()

        def answer() -> Answer:
            found = assistant.ask(asked.question, asked.history, asked.sources, asked.k)
            return Answer.model_validate(found.as_dict())

        return await in_turn(line, request, answer)

    @router.post("/ask", include_in_schema=False)
    async def turn(request: Request, asked: Annotated[Any, Body()]) -> JSONResponse:
        """Answer one turn of a conversation on the page."""
        loader = await opened(request)
        session = asked.get("session") if isinstance(asked, dict) else None
        answer = partial(ask_on_page, loader, asked)
        return JSONResponse(await in_turn(line, request, answer, session))

    @router.get("/api/sources", responses=_UNREADY)
    async def sources(request: Request) -> list[Listed]:
        """List the reviews of the library, in the order they were added."""
        return await run_in_threadpool(Shelf(await opened(request)).listed)

    @router.get("/api/health")
    async def health(request: Request) -> Health:
        """Say whether questions are answered yet; `detail` only to those who may ask."""
        who = visitor(request)
        return loaders.of(who).health() if who.name else Health(status=loaders.status())

    @router.get("/api/docs", include_in_schema=False)
    def docs() -> FileResponse:
        return FileResponse(DOCS)

    @router.post("/library/add", include_in_schema=False)
    async def add(request: Request, name: str) -> Response:
        """Add the file that is the body; one JSON object a line says how far it is."""
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MAX_FILE:
                return JSONResponse({"error": {"text": _TOO_LARGE}}, 413)
        steps = Shelf(await opened(request)).add(name, bytes(data))
        noted = note_outcomes(audit, visitor(request), name, steps)
        lines = (json.dumps(step) + "\n" for step in noted)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def opened(request: Request) -> Loader:
        """Return the library of whoever asks; raises Unready where it is not open."""
        loader = loaders.of(visitor(request))
        health = await loader.in_a_moment()
        if health.status != "ready":
            raise Unready(health.detail if health.status == "failed" else OPENING)
        return loader

    return router


def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    line = "出错了，请看服务的日志 / something went wrong; see the server's log"
    return JSONResponse({"error": line}, 500, HEADERS)


def _answer_with(status: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status)

    return answer
