"""What all tests share: the real encoder, a library of the bundled reviews, a watch on the network."""

from __future__ import annotations

import ipaddress
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Library, default_encoder
from index.key import key_file, seal
from qa import Assistant

_outward: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event == "socket.getaddrinfo":
        host = str(arguments[0])
    else:
        return
    if host not in ("localhost", "None", "") and not _is_loopback(host):
        _outward.append(f"{event} {arguments!r}")


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_connection_leaves_the_machine() -> Iterator[None]:
    _outward.clear()
    yield
    assert _outward == []


@pytest.fixture(scope="session", autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The key that the indexes of all tests are sealed with."""
    with pytest.MonkeyPatch.context() as own:
        own.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        seal("", b"")
        yield key_file()


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: Path) -> None:
    """Keep the tests away from the libraries of whoever runs them."""
    for name in ("LIBRARY", "ENGINE", "ENGINE_URI", "ENGINE_TOKEN", "ENGINE_TOKEN_FILE"):
        monkeypatch.delenv(f"YUANWEN_{name}", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    key_file().parent.mkdir(parents=True)
    shutil.copy(key, key_file())  # with its mode
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library that holds the bundled reviews; for reading only."""
    folder = tmp_path_factory.mktemp("bundled")
    library = Library(folder, default_encoder())
    library.fill()
    library.indexes()
    library.close()
    return folder


@pytest.fixture(scope="session")
def assistant(bundled: Path) -> Assistant:
    return Assistant.open(bundled)
