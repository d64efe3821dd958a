"""What keeps the page to itself: a policy on every answer, and no orders from other sites."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# gr.HTML needs `unsafe-inline` and `unsafe-eval`; nothing may come from or go to elsewhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def fence(app: FastAPI, hosts: Sequence[str]) -> None:
    """Let in only visitors who use one of the host names, and no request of another site's page."""
    app.add_middleware(Fence)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))


class Fence:
    """Refuses what another site's page sends; puts the policy on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_fenced(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"].startswith("/page/"):
                    headers["Cache-Control"] = "no-cache"  # a new version is seen at once
            await send(message)

        app = self._app if _is_own(scope) else PlainTextResponse("cross-site", 403)
        await app(scope, receive, send_fenced)


def _is_own(scope: Scope) -> bool:
    """Tell whether a request changes nothing, or comes from this page or from no page at all."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or origin is None:
        return True
    return urlsplit(origin).netloc == headers.get("host")
