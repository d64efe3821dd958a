"""Serve an app from this process, on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep

from fastapi import FastAPI

from qa.doors.tls import Tls
from qa.web.listening import listen, server


@contextmanager
def serving(app: FastAPI, tls: Tls | None = None) -> Iterator[str]:
    """Yield the address at which the app is served, by the server that `yuanwen serve` runs."""
    listening, serves = listen("127.0.0.1", 0), server(app, tls)
    thread = Thread(target=serves.run, args=([listening],))
    thread.start()
    try:
        while not serves.started:
            sleep(0.02)
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        serves.should_exit = True
        thread.join(20)
