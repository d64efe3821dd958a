"""`yuanwen serve` as it runs: TLS, a login, assistants with a token, what is logged and what is not."""

from __future__ import annotations

import json
import re
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from qa.doors.accounts import Accounts
from qa.doors.tickets import Tickets
from tests.qa.doors.conftest import PASSWORD, QUICK

from .conftest import QUESTION
from .test_tools import run

ROOT = Path(__file__).parents[3]


class Running(NamedTuple):
    """A server of its own process, over TLS, that demands a login; the secrets that were shown."""

    address: str
    trusted: ssl.SSLContext
    folder: Path
    token: str

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.address, verify=self.trusted, timeout=60, **more)


@pytest.fixture(scope="module")
def running(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    accounts = Accounts(folder / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD)
    token = Tickets(accounts.kept).issue("li", "token")
    certificate = folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "qa", "serve", "--port", "0", "--login", "--mcp", "--library", bundled,
         "--accounts", accounts.kept.file, "--logs", folder / "logs",
         "--tls-cert", certificate, "--tls-key", folder / "key.pem"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert server.stdout
        port = server.stdout.readline().strip().rsplit(":", 1)[1]
        context = ssl.create_default_context(cafile=str(certificate))
        running = Running(f"https://127.0.0.1:{port}", context, folder, token)
        until = monotonic() + 120
        with running.client() as client:
            while client.get("/api/health").json()["status"] != "ready":
                assert monotonic() < until
                sleep(0.2)
        yield running
    finally:
        server.terminate()
        server.wait(20)


def test_a_person_logs_in_over_tls_and_nothing_secret_is_logged(running: Running) -> None:
    with running.client(headers={"Accept": "text/html"}) as client:
        assert client.get("/").headers["location"] == "/login"
        wrong = client.post("/login", data={"name": "li", "password": "wrong password!"})
        assert wrong.status_code == 401
        came = client.post("/login", data={"name": "li", "password": PASSWORD})
        assert came.status_code == 303
        assert client.get("/visitor").json()["name"] == "li"
        page = client.get("/")
        assert page.status_code == 200
        assert "server" not in page.headers
        assert page.headers["strict-transport-security"].startswith("max-age=")
        asked = client.post("/api/ask?secret=query", json={"question": QUESTION})
        assert asked.json()["status"] == "answered"
        secrets = [running.token, *client.cookies.values(), PASSWORD, QUESTION, "wrong password!", "secret=query"]  # fmt: skip
    logs = running.folder / "logs"
    told = [json.loads(line) for line in (logs / "server.jsonl").read_text("ascii").splitlines()]
    last = next(each for each in reversed(told) if each.get("path") == "/api/ask")
    assert (last["who"], last["address"], last["status"]) == ("li", "127.0.0.1", 200)
    assert isinstance(last["ms"], int)
    for file in logs.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        written = file.read_text()
        for secret in secrets:
            assert secret not in written
            assert json.dumps(secret)[1:-1] not in written
    audit = [json.loads(line) for line in (logs / "audit.jsonl").read_text("ascii").splitlines()]
    assert [each["what"] for each in audit] == ["login failed", "logged in"]


def test_an_assistant_uses_the_tools_with_its_token_only(running: Running) -> None:
    def asked(headers: dict[str, str]) -> Any:
        async def call() -> Any:
            async with (
                httpx.AsyncClient(headers=headers, verify=running.trusted, timeout=60) as http,
                Client(streamable_http_client(f"{running.address}/mcp", http_client=http)) as client,
            ):  # fmt: skip
                return await client.call_tool("ask", {"question": QUESTION})

        return run(call)

    found = asked({"Authorization": f"Bearer {running.token}"})
    assert json.loads(found.content[0].text)["status"] == "answered"
    with running.client() as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            sent = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)  # fmt: skip
            assert sent.status_code == 401
            assert sent.headers["www-authenticate"] == "Bearer"


def raw(running: Running, sent: bytes) -> bytes:
    host, port = re.findall(r"//(.*):(\d+)", running.address)[0]
    with (
        socket.create_connection((host, int(port))) as plain,
        running.trusted.wrap_socket(plain, server_hostname=host) as tls,
    ):
        tls.sendall(sent)
        return tls.recv(10_000)


@pytest.mark.parametrize(
    "sent",
    [b"GET /visitor HTTP/1.1\r\n\r\n", b"GET /visitor HTTP/1.0\r\n\r\n",
     b"GET /visitor HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
     b"GET /visitor HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
     b"POST /visitor HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
     b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
     b"GET http://evil.example/visitor HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
    ids=["no host", "no host, HTTP 1.0", "two hosts", "long headers", "two lengths", "negative length", "whole address"],
)  # fmt: skip
def test_malformed_requests_get_nowhere(running: Running, sent: bytes) -> None:
    assert raw(running, sent).split()[1] in (b"400", b"431")
