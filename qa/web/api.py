"""The HTTP API: ask, list the sources, tell how the library is; described at `/api/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse

from ..assistant import Assistant
from ..doors.audit import Audit
from ..doors.log import note_question
from .arrival import visitor
from .changing import MAX_FILE, note_outcomes
from .headers import HEADERS
from .opening import TOLD, Loader
from .shapes import Answer, Ask, Health, Listed, Problem
from .shelf import Shelf

DOCS = Path(__file__).parents[1] / "page" / "api.html"
_OPENING = "文献库还在打开，请稍后再试 / the library is still opening; try again in a moment"
_TOO_LARGE = (
    f"文件超过 {MAX_FILE // 1_000_000} MB，请用 yuanwen add 添加 / "
    f"larger than {MAX_FILE // 1_000_000} MB; add the file with yuanwen add"
)
_UNREADY: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "The library is not open; `/api/health` says why"}
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The question cannot be asked; the line says why"}
}


class Unready(RuntimeError):
    """The library is not open, or cannot be opened."""


def add_api(app: FastAPI, loader: Loader, shelf: Shelf, audit: Audit) -> None:
    """Add the routes of the API, and what their errors look like."""
    app.include_router(_routes(loader, shelf, audit))
    app.add_exception_handler(Exception, _unforeseen)
    for told, status in {**dict.fromkeys(TOLD, 400), Unready: 503}.items():
        app.add_exception_handler(told, _answer_with(status))


def _routes(loader: Loader, shelf: Shelf, audit: Audit) -> APIRouter:
    router = APIRouter()

    @router.post("/api/ask", responses=_REFUSED | _UNREADY)
    def ask(asked: Ask) -> Answer:
        """Answer a question with quotes from the reviews, or say that they do not answer it."""
        note_question(asked.question)
        answer = _ready(loader).ask(asked.question, asked.history, asked.sources, asked.k)
        return Answer.model_validate(answer.as_dict())

    @router.get("/api/sources", responses=_UNREADY)
    def sources() -> list[Listed]:
        """List the reviews of the library, in the order they were added."""
        _ready(loader)
        return shelf.listed()

    @router.get("/api/health")
    async def health(request: Request) -> Health:
        """Say whether questions are answered yet; `detail` only to those who may ask."""
        told = loader.health()
        return told if visitor(request).name else Health(status=told.status)

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
        _ready(loader)
        noted = note_outcomes(audit, visitor(request), name, shelf.add(name, bytes(data)))
        lines = (json.dumps(step) + "\n" for step in noted)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    return router


def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    line = "出错了，请看服务的日志 / something went wrong; see the server's log"
    return JSONResponse({"error": line}, 500, HEADERS)


def _ready(loader: Loader) -> Assistant:
    health = loader.health()
    if health.status != "ready":
        raise Unready(health.detail if health.status == "failed" else _OPENING)
    return loader.assistant()


def _answer_with(status: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status)

    return answer
