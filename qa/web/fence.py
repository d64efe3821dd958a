"""What keeps the page to itself: its own names, and no orders from other sites."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..doors.entry import Entry

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?")
SAFE = ("GET", "HEAD", "OPTIONS")
MAX_HEADERS = 16_384
"""Bytes of a request's headers."""


class Fence:
    """Lets pass only requests to one of the allowed names, and none that another site's page makes.

    A page that has its own name point here (DNS rebinding) is stopped by the first, a forged form
    or script by the second: `Origin` and `Sec-Fetch-Site`, which no page can forge.
    """

    def __init__(self, app: ASGIApp, entry: Entry) -> None:
        self._app, self._entry = app, entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if sum(len(name) + len(value) for name, value in headers.raw) > MAX_HEADERS:
            return refuse(431, "请求头太长 / the request's headers are too long")
        named = headers.getlist("host")
        host = _HOST.fullmatch(named[0].lower()) if len(named) == 1 else None
        if host is None or host[1] not in self._entry.hosts:
            return refuse(
                400,
                "不以这个名字服务，请用 --allowed-host 写明 / not served under this name; "
                "allow it with --allowed-host",
            )
        if self._entry.is_open and scope["forwarded"]:
            return refuse(
                403,
                "经代理来的请求须登录：启动时加 --trust-proxy / came through a proxy, which needs a "
                "login: start with --trust-proxy",
            )
        if not _is_own(scope["method"], headers, named[0]):
            return refuse(403, "来自别的网站，拒绝 / refused: it comes from another site's page")
        return None


def _is_own(method: str, headers: Headers, host: str) -> bool:
    """Tell whether a request is of this page, of no page, or just a visit by a link."""
    site = headers.get("sec-fetch-site", "none")
    if method in SAFE:
        return site in ("same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    is_here = origin is None or urlsplit(origin).netloc.lower() == host.lower()
    return is_here and site in ("same-origin", "none")


def refuse(status: int, line: str, headers: dict[str, str] | None = None) -> ASGIApp:
    """Return an answer that is one plain line, in the shape of the API's errors."""
    return JSONResponse({"error": line}, status, headers)
