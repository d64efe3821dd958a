"""A line in the server's log for each request."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = logging.getLogger("yuanwen.requests")


class RequestLog:
    """Writes a line for each request: who, from where, what, how it ended and how long it took.

    Of the path only its beginning: the rest, and what follows `?`, is the visitor's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            visitor = scope["visitor"]
            told = {
                "who": visitor.name,
                "address": visitor.address,
                "method": scope["method"],
                "path": "/".join(scope["path"].split("/")[:3])[:100],
                "status": status,
                "ms": round(1000 * (time.perf_counter() - began)),
            }
            REQUESTS.info("request", extra={"told": told})
