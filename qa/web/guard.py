"""One guard before every route: who it is, what he may do, how often, and how much he may send."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Literal

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..doors.entry import Entry
from ..doors.kept import AccountsError
from ..doors.rates import Buckets, Rate
from ..doors.tickets import Kind, Tickets
from .arrival import LOCAL, Visitor
from .changing import MAX_FILE
from .fence import SAFE, refuse

Who = Literal["anyone", "readers", "admins", "nobody"]

LOGIN = {"/login": "GET POST", "/login.css": "GET"}
ANYONE = {"/api/health": "GET"}
READERS = {
    **dict.fromkeys(("/api/docs", "/api/openapi.json", "/api/sources", "/visitor"), "GET"),
    **dict.fromkeys(("/api/ask", "/ask", "/logout"), "POST"),
    "/mcp": "GET POST DELETE",
    # Of Gradio's routes those that the page uses; the others read and write files, call other
    # sites, or show what was asked.
    **dict.fromkeys(("/", "/config", "/theme.css", "/favicon.ico"), "GET"),
    **dict.fromkeys(("/gradio_api/queue/data", "/gradio_api/startup-events"), "GET"),
    **dict.fromkeys(("/gradio_api/queue/join", "/gradio_api/component_server"), "POST"),
}
UNDER = {  # folders
    "/page/": "GET",
    "/assets/": "GET",
    "/static/": "GET",
    "/gradio_api/heartbeat/": "GET",
}
ADMINS = {"/library/add": "POST", "/library/remove": "POST", "/library/describe": "POST"}

MAX_BODY, MAX_LOGIN = 4_000_000, 8_000
"""Bytes of a body: of JSON (an export sends its quotes), of a login; of a file, see `MAX_FILE`."""
ASKING, ADDING = Rate(60, 2.0), Rate(60, 1.0)
"""For each visitor. A reader who scrolls makes 2 requests a second, one who asks fewer."""
SENDING = 4
"""Files that one visitor may be sending at a time."""

# Who follows a link from another site shows no cookie (SameSite=Strict); this page's own visit does.
_AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0">'


class Guard:
    """Lets pass only what is listed, and only for those who may; everything else is refused.

    Without a login the visitor of an open entry is an admin: the machine is his own. Where each
    has a library of his own (`own`), everyone is the admin of that one.
    """

    def __init__(self, app: ASGIApp, entry: Entry, own: bool = False) -> None:
        self._app, self._entry, self._own = app, entry, own
        self._tickets = Tickets(entry.accounts.kept) if entry.accounts else None
        self._asking, self._adding = Buckets(ASKING), Buckets(ADDING)
        self._sending: Counter[str] = Counter()
        self._looking_up = CapacityLimiter(8)  # threads that no slow answer can take away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await self._admit(scope) if scope["type"] == "http" else self._app
        if app is self._app and scope.get("path") == "/library/add" and not self._entry.is_open:
            app = self._send_few
        await app(scope, receive, send)

    async def _send_few(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a file, which is held in memory until it is in, unless its sender sends enough."""
        name = scope["visitor"].name
        if self._sending[name] >= SENDING:
            line = (
                "你还有文件在添加，请稍后再试 / your other files come first; try again in a moment"
            )
            await refuse(429, line, {"Retry-After": "1"})(scope, receive, send)
            return
        self._sending[name] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._sending[name] -= 1

    async def _admit(self, scope: Scope) -> ASGIApp:
        """Return the app, or the answer instead of it."""
        headers, path, method = Headers(scope=scope), scope["path"], scope["method"]
        who = may(path, method, self._entry.accounts is not None)
        try:
            visitor = await self._recognised(scope, headers)
        except AccountsError:
            return refuse(
                503, "帐户文件用不了，请找管理员 / the accounts cannot be used; tell your admin"
            )
        wait = math.ceil(self._asking.wait(visitor.name)) if visitor.name else 0
        admin = visitor.name is not None and (visitor.admin or self._own)
        scope["visitor"] = visitor = replace(visitor, wait=wait, admin=admin)
        if who != "anyone":
            if visitor.name is None:
                return self._ask_to_log_in(path, headers)
            if who == "nobody":
                return refuse(404, "没有这一页 / there is no such page")
            if who == "admins" and not visitor.admin:
                return refuse(
                    403, "只有管理员可以改动文献库 / only an admin may change the library"
                )
        if method not in SAFE:
            return self._too_much(path, headers) or self._too_often(path, visitor) or self._app
        return self._app

    async def _recognised(self, scope: Scope, headers: Headers) -> Visitor:
        address = scope["visitor"].address
        if self._entry.is_open:
            return Visitor(address, LOCAL, admin=True)
        if name := scope["named"]:
            return Visitor(address, name, name in self._entry.admins)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        kind: Kind = "token" if scheme.lower() == "bearer" else "session"
        secret = token.strip() if kind == "token" else session_of(scope, headers)
        if self._tickets is None or not secret:
            return Visitor(address)
        holder = self._tickets.holder
        account = await run_sync(holder, secret, kind, limiter=self._looking_up)
        return Visitor(address, *account, kind == "session") if account else Visitor(address)

    def _ask_to_log_in(self, path: str, headers: Headers) -> ASGIApp:
        is_page = path in ("/", "/api/docs") and "text/html" in headers.get("accept", "")
        if is_page and self._entry.accounts:
            if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
                return HTMLResponse(_AGAIN)
            return RedirectResponse("/login", 303)
        line = "请先登录 / log in first"
        if self._entry.accounts is None:
            line = "请从院内的登录入口进来 / come in by the proxy that logs you in"
        return refuse(401, line, {"WWW-Authenticate": "Bearer"})

    def _too_much(self, path: str, headers: Headers) -> ASGIApp | None:
        most = {"/library/add": MAX_FILE, "/login": MAX_LOGIN}.get(path, MAX_BODY)
        length = headers.get("content-length")
        is_counted = path == "/library/add"  # as it comes
        if length is None and "transfer-encoding" in headers and not is_counted:
            return refuse(411, "请写明长度 / send a Content-Length")
        if length is not None and int(length) > most:
            return refuse(
                413,
                f"太大，至多 {most // 1000} kB；文献可用 yuanwen add 添加 / too large, {most // 1000} kB "
                "at most; documents can be added with yuanwen add",
            )
        return None

    def _too_often(self, path: str, visitor: Visitor) -> ASGIApp | None:
        if self._entry.is_open or visitor.name is None or path == "/logout":
            return None
        bucket = self._adding if path in ADMINS else self._asking
        if not (seconds := math.ceil(bucket.take(visitor.name))):
            return None
        return refuse(
            429,
            f"太快了，请 {seconds} 秒后再试 / too fast; try again in {seconds} s",
            {"Retry-After": str(seconds)},
        )


def may(path: str, method: str, has_login: bool) -> Who:
    """Return who may use a route; one that is not listed, nobody."""
    method = "GET" if method == "HEAD" else method
    path = path.removesuffix("/") if path.startswith("/gradio_api/") else path
    lists: list[tuple[Who, dict[str, str]]] = [
        ("anyone", ANYONE | LOGIN if has_login else ANYONE),
        ("readers", READERS),
        ("admins", ADMINS),
    ]
    for who, paths in lists:
        if method in paths.get(path, "").split():
            return who
    under = any(path.startswith(each) and method in UNDER[each].split() for each in UNDER)
    return "readers" if under else "nobody"


def cookie(scope: Scope, name: str) -> str:
    """Return a cookie's name: one that only this server over TLS can have set, where there is TLS."""
    return f"__Host-yuanwen-{name}" if scope["scheme"] == "https" else f"yuanwen-{name}"


def session_of(scope: Scope, headers: Headers) -> str | None:
    """Return the secret of the session that a browser shows."""
    return cookie_parser(headers.get("cookie", "")).get(cookie(scope, "session"))
