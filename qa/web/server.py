"""The web server, which ends what it has begun before it stops."""

from __future__ import annotations

import socket

import uvicorn

from .line import Line


class Server(uvicorn.Server):
    """Told to stop, answers the questions it works on; all others are told to try again."""

    def __init__(self, config: uvicorn.Config, line: Line) -> None:
        super().__init__(config)
        self._line = line

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._line.close()
        await super().shutdown(sockets)
