"""The library as tools of a desktop assistant (Model Context Protocol), at `/mcp`."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.routing import BaseRoute

from ..doors.log import note_question
from .arrival import visitor
from .line import Busy, Line
from .opening import OPENING, TOLD, Loader, Loaders
from .passages import open_passage
from .shapes import Answer, Opened
from .turns import in_turn

INSTRUCTIONS = (
    "Answers come only as quotes of the reviews in this library, word for word. Repeat a quote "
    "exactly, with its source and section; where status is not_found, say that the reviews do not say."
)


Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


def serve_tools(loaders: Loaders, line: Line) -> tuple[Lifespan, list[BaseRoute]]:
    """Return what keeps the endpoint running, and its routes; host names are the matter of `Fence`."""
    server = tools(loaders, line)
    endpoint = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    return lifespan, list(endpoint.routes)


def tools(loaders: Loaders, line: Line) -> MCPServer:
    """Return the endpoint's server: `ask` and `open_passage`."""
    server = MCPServer("yuanwen", instructions=INSTRUCTIONS, log_level="WARNING")

    @server.tool()
    async def ask(
        context: Context,
        question: str,
        history: list[str] | None = None,
        sources: list[str] | None = None,
        k: int = 3,
    ) -> Answer:
        """Ask the reviews a question in Chinese or English; the answer is verbatim quotes or none.

        history: the questions asked before, oldest first, for a follow-up. sources: ids of the
        reviews to ask, all of them by default. k: quotes at most.
        """
        note_question(question)
        request = _request(context)
        loader = loaders.of(visitor(request))

        def answer() -> Answer:
            found = loader.assistant().ask(question, history or (), sources, k)
            return Answer.model_validate(found.as_dict())

        await _demand_open(loader)
        try:
            return await in_turn(line, request, answer)
        except (*TOLD, Busy) as error:
            raise ToolError(str(error)) from None

    @server.tool(name="open_passage")
    async def open_(
        context: Context, source: str, raw_start: int, raw_end: int, around: int = 2
    ) -> Opened:
        """Open a quote's passage with the paragraphs around it.

        source: the id of its review; raw_start and raw_end: those of its receipt; around: how
        many paragraphs and headings on either side.
        """
        loader = loaders.of(visitor(_request(context)))
        await _demand_open(loader)

        def opened() -> Opened:
            library = loader.assistant().library
            library.demand([source])
            return open_passage(library.reviews[source], raw_start, raw_end, around)

        try:
            return await to_thread(opened)
        except TOLD as error:
            raise ToolError(str(error)) from None

    return server


def _request(context: Context) -> Request:
    request: Request | None = context.request_context.request
    assert request is not None  # the tools are served over HTTP alone
    return request


async def _demand_open(loader: Loader) -> None:
    health = await loader.in_a_moment()
    if health.status == "loading":
        raise ToolError(OPENING)
