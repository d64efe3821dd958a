"""The socket and the HTTP server, with or without TLS."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from ..doors.tls import Tls
from .server import Server

MAX_WAITING = 32_768
"""Bytes of a request's line and headers before they are whole."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises SystemExit with one line if there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SystemExit(
            f"{host}:{port}: 不能监听（{error.strerror}），请换一个端口 / cannot listen; try another port"
        ) from None
    # Every connection takes it over; asyncio sets it only where a socket names its protocol. Without
    # it each answer waits 40 ms for the browser to acknowledge its headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def run(app: FastAPI, listening: socket.socket, tls: Tls | None = None) -> None:
    """Serve an app at a socket until stopped."""
    server(app, tls).run([listening])


def server(app: FastAPI, tls: Tls | None = None) -> uvicorn.Server:
    """Return the HTTP server, which says nothing of itself and believes no proxy: `Arrival` does."""
    certificate, key = tls or (None, None)
    return Server(
        uvicorn.Config(
            app,
            http="h11",
            h11_max_incomplete_event_size=MAX_WAITING,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        ),
        app.state.line,
    )
