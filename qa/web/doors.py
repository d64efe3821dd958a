"""The doors before the app, in the order that a request meets them."""

from __future__ import annotations

from fastapi import FastAPI

from ..doors.entry import Entry
from .arrival import Arrival
from .changing import changing_routes
from .fence import Fence
from .guard import Guard
from .headers import SecurityHeaders
from .login import login_routes
from .opening import Loaders
from .requests import RequestLog


def put_doors(app: FastAPI, entry: Entry, loaders: Loaders) -> None:
    """Put everything before an app that stands between it and its visitors; add their routes."""
    app.include_router(changing_routes(loaders, entry.audit))
    if entry.accounts:
        app.include_router(login_routes(entry, entry.accounts))
    app.add_middleware(Guard, entry=entry, own=loaders.own)  # the innermost first
    app.add_middleware(Fence, entry=entry)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog)
    app.add_middleware(Arrival, entry=entry)
