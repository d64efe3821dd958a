"""The login page, which needs no script, and what becomes of a right and of a wrong password."""

from __future__ import annotations

import html
import math
from pathlib import Path
from string import Template
from typing import Literal

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from ..doors.accounts import Accounts, fold
from ..doors.audit import Audit
from ..doors.entry import Entry
from ..doors.rates import Buckets, Rate, Waits
from ..doors.tickets import LIVES, Tickets
from .arrival import network_of, visitor
from .guard import cookie, session_of
from .suggest import WORDS

PAGE = Path(__file__).parents[1] / "page"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WRONG = Rate(10, 0.2)
"""Wrong passwords from one address."""

Found = Literal["in", "wrong"] | int
"""What a login came to; a number is the seconds to wait."""


class Attempts:
    """Logins with a password, slower with every wrong one.

    Tries are counted for the account and for the address. A browser that has logged in before has
    a count of its own (OWASP's device cookies): who guesses elsewhere cannot keep a person out.
    """

    def __init__(self, accounts: Accounts, tickets: Tickets) -> None:
        self._accounts, self._tickets = accounts, tickets
        self._waits, self._addresses = Waits(), Buckets(WRONG)

    def login(self, name: str, password: str, device: str, address: str) -> Found:
        """Try a password; the try counts before it is known to be wrong."""
        holder = self._tickets.holder(device, "device") if device else None
        known = holder is not None and holder.name == fold(name)
        network = network_of(address)
        key = f"device {device}" if known else f"account {fold(name)[:64]}"
        if not known and (wait := self._addresses.take(network)):
            return math.ceil(wait)
        if wait := self._waits.take(key):
            return math.ceil(wait)
        if not self._accounts.check(name, password):
            return "wrong"
        self._waits.forget(key)
        if not known:
            self._addresses.give_back(network)
        return "in"


def login_routes(entry: Entry, accounts: Accounts) -> APIRouter:
    """Return the routes of logging in and out."""
    router = APIRouter(include_in_schema=False)
    tickets = Tickets(accounts.kept)
    attempts = Attempts(accounts, tickets)
    trying = CapacityLimiter(4)  # who guesses takes no thread from those who ask

    @router.get("/login")
    async def show(request: Request) -> Response:
        return RedirectResponse("/", 303) if visitor(request).name else _page(request)

    @router.get("/login.css")
    def style() -> FileResponse:
        return FileResponse(PAGE / "login.css")

    @router.post("/login")
    async def login(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=4)
        name, password = (str(form.get(field, "")) for field in ("name", "password"))
        device = request.cookies.get(cookie(request.scope, "device"), "")
        address = visitor(request).address
        found = await run_sync(attempts.login, name, password, device, address, limiter=trying)
        await run_sync(_note, entry.audit, accounts, name, address, found)
        if found != "in":
            return _page(request, name, found)
        return await run_sync(_let_in, request, tickets, name)

    @router.post("/logout")
    def logout(request: Request) -> Response:
        if secret := session_of(request.scope, request.headers):
            tickets.end(secret)
            entry.audit.note(visitor(request).name, "logged out", address=visitor(request).address)
        left = RedirectResponse("/login", 303)
        _set(left, request, "session", "", 0)
        return left

    return router


def _let_in(request: Request, tickets: Tickets, name: str) -> Response:
    if before := session_of(request.scope, request.headers):
        tickets.end(before)
    inside = RedirectResponse("/", 303)
    for kind in ("session", "device"):
        if kind == "device" and _is_known(request, tickets, name):
            continue
        _set(inside, request, kind, tickets.issue(name, kind), int(LIVES[kind].whole))
    return inside


def _is_known(request: Request, tickets: Tickets, name: str) -> bool:
    device = request.cookies.get(cookie(request.scope, "device"), "")
    holder = tickets.holder(device, "device")
    return holder is not None and holder.name == fold(name)


def _set(response: Response, request: Request, kind: str, secret: str, seconds: int) -> None:
    response.set_cookie(
        cookie(request.scope, kind),
        secret,
        max_age=seconds,
        httponly=True,
        secure=request.scope["scheme"] == "https",
        samesite="strict",
    )


def _note(audit: Audit, accounts: Accounts, name: str, address: str, found: Found) -> None:
    what = {"in": "logged in", "wrong": "login failed"}.get(str(found), "login put off")
    # A name that is no account's may be a password in the wrong box.
    known = any(account.name == fold(name) for account in accounts.listed())
    audit.note(fold(name) if known else None, what, address=address)


def _page(request: Request, name: str = "", found: Found | None = None) -> Response:
    asked = request.query_params.get("lang")
    language = asked if asked in WORDS else _preferred(request.headers.get("accept-language", ""))
    words = WORDS[language]
    trouble, status = "", 200
    if found == "wrong":
        trouble, status = words["loginWrong"], 401
    elif isinstance(found, int):
        trouble, status = words["loginWait"].replace("{seconds}", str(found)), 429
    other = "en" if language == "zh" else "zh"
    values = {
        "lang": "zh-CN" if language == "zh" else "en",
        "chosen": language,
        "other": other,
        "otherName": {"zh": "中文", "en": "English"}[other],
        "typed": name[:64],
        "trouble": trouble,
        "hidden": "" if trouble else "hidden",
        "nameFocus": "" if name else "autofocus",
        "passwordFocus": "autofocus" if name else "",
    }
    said = {key: words[key] for key in ("name", "tagline", "loginName", "loginPassword", "logIn")}
    template = Template((PAGE / "login.html").read_text("utf-8"))
    text = template.substitute({key: html.escape(each) for key, each in (values | said).items()})
    headers = {"Content-Security-Policy": POLICY}
    if isinstance(found, int):
        headers["Retry-After"] = str(found)
    return HTMLResponse(text, status, headers)


def _preferred(accepted: str) -> str:
    return "zh" if accepted.strip().lower().startswith("zh") else "en"
