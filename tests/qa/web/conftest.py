"""A loader of the bundled library, and one that tests may change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import app
from qa import Assistant
from qa.web.opening import Loader

QUESTION = "维生素K缺乏为什么会导致骨丢失？"


@pytest.fixture(scope="module")
def loader(assistant: Assistant) -> Loader:
    return Loader(lambda _: assistant)


@pytest.fixture
def own_loader(bundled: Path, tmp_path: Path) -> Iterator[Loader]:
    """A loader of a library of its own, which a test may change."""
    assistant = Assistant.open(shutil.copytree(bundled, tmp_path / "library"))
    yield Loader(lambda _: assistant)
    assistant.library.close()


@pytest.fixture(scope="module")
def client(loader: Loader) -> Iterator[TestClient]:
    loader.assistant()
    with TestClient(app.create_app(loader), base_url="http://127.0.0.1:7860") as client:
        yield client
