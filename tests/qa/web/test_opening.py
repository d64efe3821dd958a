"""Opening the library in the background."""

from __future__ import annotations

from threading import Event

from index import LibraryError
from index.progress import Progress
from qa import Assistant
from qa.web.asking import ask
from qa.web.opening import Loader
from qa.web.shapes import Health


def test_health_tells_loading_ready_and_failed(assistant: Assistant) -> None:
    begun, opened = Event(), Event()

    def opener(progress: Progress) -> Assistant:
        progress("1/2 标题", 3, 4)
        begun.set()
        assert opened.wait(60)
        return assistant

    loader = Loader(opener)
    assert begun.wait(60)
    assert loader.health() == Health(status="loading", detail="1/2 标题 75%")
    opened.set()
    loader.assistant()
    assert loader.health() == Health(status="ready")


def test_a_library_that_cannot_be_opened_is_told_to_whoever_asks() -> None:
    def opener(_: object) -> Assistant:
        raise LibraryError("打不开 / cannot be opened")

    loader = Loader(opener)
    told = {"text": "打不开 / cannot be opened"}
    assert ask(loader, {"question": "骨", "history": []}) == {"error": told}
    assert loader.health() == Health(status="failed", detail=told["text"])
