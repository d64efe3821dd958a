"""Who is at the door: the address and scheme a request came by, told by a proxy only if trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..doors.entry import Entry, Network

_BY_PROXIES = ("forwarded", "x-forwarded-", "x-real-ip")

LOCAL = "local"
"""The name of everyone where nobody has to log in."""


@dataclass(frozen=True)
class Visitor:
    """Who makes a request, from which address; nobody until there was a login."""

    address: str
    name: str | None = None
    admin: bool = False
    session: bool = False
    """Whether he logged in with a password here, and can log out."""
    wait: int = 0
    """Seconds until this visitor may ask again."""


class Arrival:
    """Puts the visitor's address and scheme into the scope, and takes out what is not believed.

    A header that only a trusted proxy may send is gone before anything else could look at it.
    """

    def __init__(self, app: ASGIApp, entry: Entry) -> None:
        self._app, self._entry = app, entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # nothing here speaks it
            return
        peer = scope["client"][0] if scope.get("client") else ""
        headers, trusted = Headers(scope=scope), _is_in(peer, self._entry.proxies)
        scope["forwarded"] = any(name.startswith(_BY_PROXIES) for name in headers)
        scope["named"] = self._named(headers) if trusted else None
        if trusted:
            peer = _origin(headers, self._entry.proxies) or peer
            if headers.getlist("x-forwarded-proto") == ["https"]:
                scope["scheme"] = "https"
        scope["visitor"] = Visitor(peer)
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if not self._is_proxys(name.decode())
        ]
        await self._app(scope, receive, send)

    def _named(self, headers: Headers) -> str | None:
        """Return the user that a trusted proxy names; several are none."""
        names = headers.getlist(self._entry.user_header) if self._entry.user_header else []
        return names[0] if len(names) == 1 and 0 < len(names[0]) <= 100 else None

    def _is_proxys(self, name: str) -> bool:
        own = (self._entry.user_header or "").lower()
        return name.startswith(_BY_PROXIES) or name == own


def visitor(request: Request) -> Visitor:
    """Return who makes a request."""
    found: Visitor = request.scope["visitor"]
    return found


def network_of(address: str) -> str:
    """Return what an address counts as: for IPv6 its /64, of which one machine has all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]


def _origin(headers: Headers, proxies: Iterable[Network]) -> str | None:
    """Return the last address that a proxy added and that is no trusted proxy itself."""
    told = ",".join(headers.getlist("x-forwarded-for")).split(",")
    for address in reversed([each.strip() for each in told]):
        try:
            ip_address(address)
        except ValueError:
            return None  # whatever stands before it was not added by a proxy that is trusted
        if not _is_in(address, proxies):
            return address
    return None


def _is_in(address: str, networks: Iterable[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)
