"""A request that waits for its turn in the line, unless whoever sent it goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .arrival import LOCAL, visitor
from .line import AGAIN, Busy, Line

MAX_SESSION = 64
"""Characters of a session's name that count."""
_CLOSED = 499
"""What servers write down for a request whose client left; it reaches nobody."""

Found = TypeVar("Found")


class Gone(RuntimeError):
    """Whoever sent the request has left."""


async def in_turn(
    line: Line, request: Request, work: Callable[[], Found], session: object = None
) -> Found:
    """Return what some work returns when its turn has come.

    `session` is what a browser's tab calls itself: tabs of one address take turns. Raises Gone
    if the client leaves, and what `Line.ask` raises.
    """
    asked = asyncio.ensure_future(line.ask(asker(request, session), work))
    gone = asyncio.ensure_future(_leaves(request))
    try:
        await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise Gone
        return asked.result()
    finally:
        asked.cancel()
        gone.cancel()


def asker(request: Request, session: object) -> str:
    """Return who asks: what has the same name takes its turns together.

    That is whoever logged in; on an open entry, where all have one name, an address and a tab.
    """
    who = visitor(request)
    if who.name != LOCAL:
        return f"{who.name}"
    return f"{who.address} {session[:MAX_SESSION] if isinstance(session, str) else ''}"


async def _leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def turn_away(_: Request, error: Exception) -> Response:
    """Answer a request for which there is no room."""
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": str(AGAIN)})


def tell_nobody(_: Request, __: Exception) -> Response:
    """Answer a request whose client has left."""
    return Response(status_code=_CLOSED)


ANSWERS = {Busy: turn_away, Gone: tell_nobody}
"""What becomes of the errors that `in_turn` raises."""
