"""What a request costs at the doors, and what guessing a password costs.

`python -m benchmarks.doors` prints the table of `doors.md`; each line's times are taken in turns.
"""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from fastapi import FastAPI

from qa.doors.accounts import Accounts
from qa.doors.entry import Entry
from qa.doors.passwords import hash_password
from qa.doors.tickets import Tickets
from qa.web.doors import put_doors
from qa.web.opening import Loader

HOST, PASSWORD = "yuanwen.example", "a password to measure"
ASKED, GUESSED = 1000, 11


def behind(entry: Entry | None) -> FastAPI:
    """Return an app whose route does nothing, behind the doors or without any."""
    made = FastAPI()
    if entry:
        put_doors(made, entry, Loader(lambda _: None))  # type: ignore[arg-type,return-value]

    @made.get("/api/sources")
    async def nothing() -> dict[str, Any]:
        return {}

    return made


async def milliseconds(app: FastAPI, headers: dict[str, str]) -> float:
    """Return how long a request takes, from the server's call to its last byte."""
    sent: list[Any] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/api/sources", "root_path": "",
        "query_string": b"", "scheme": "https", "server": (HOST, 443), "client": ("192.0.2.7", 50000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    start = perf_counter()
    await app(scope, receive, send)
    took = (perf_counter() - start) * 1000
    assert sent[0]["status"] == 200
    return took


async def measure(apps: dict[str, tuple[FastAPI, dict[str, str]]]) -> dict[str, list[float]]:
    """Return the times of each app, one request of each in turn."""
    found: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ASKED):
        for name, (app, headers) in apps.items():
            found[name].append(await milliseconds(app, headers))
    return found


def main() -> None:
    with TemporaryDirectory() as folder:
        accounts = Accounts(Path(folder) / "accounts.sqlite")
        accounts.add("li", PASSWORD)
        tickets = Tickets(accounts.kept)
        host = {"host": HOST}
        session = host | {"cookie": f"__Host-yuanwen-session={tickets.issue('li', 'session')}"}
        token = host | {"authorization": f"Bearer {tickets.issue('li', 'token')}"}
        locked = behind(Entry((HOST,), accounts))
        found = asyncio.run(
            measure(
                {
                    "no doors": (behind(None), host),
                    "this machine, no login": (behind(Entry((HOST,))), host),
                    "a session": (locked, session),
                    "a token": (locked, token),
                }
            )
        )
        guesses = []
        for _ in range(GUESSED):
            start = process_time()
            hash_password(PASSWORD)
            guesses.append((process_time() - start) * 1000)
    print("| milliseconds | median | 95 % under |")
    print("|---|---|---|")
    for name, times in (found | {"guessing one password (processor time)": guesses}).items():
        print(
            f"| {name} | {statistics.median(times):.2f} | {statistics.quantiles(times, n=20)[-1]:.2f} |"
        )


if __name__ == "__main__":
    main()
