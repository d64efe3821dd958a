"""A question that waits is stopped; one that was turned away is asked again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from qa import Answer, Assistant
from qa.web.line import Busy
from qa.web.opening import Loader

from .acting import QUESTION


class Held(Assistant):
    """Holds up the first question, turns the second away, and answers from then on."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.library)
        self.go_on, self.came = Event(), 0

    def ask(self, question: str, *rest: Any, **more: Any) -> Answer:
        if question == QUESTION:
            self.came += 1
            if self.came == 1:
                assert self.go_on.wait(60)
            if self.came == 2:
                raise Busy("忙，请稍后再试 / busy; try again in a moment")
        return super().ask(question, *rest, **more)


def test_a_question_is_stopped_and_asked_again(
    open_page: Callable[..., Any], serve_here: Callable[..., str], assistant: Assistant
) -> None:
    held = Held(assistant)
    page = open_page(serve_here(Loader(lambda _: held)))
    try:
        page.locator("#question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        page.locator(".turn").get_by_role("button", name="停止").click()
        page.locator(".turn .line", has_text="已停止").wait_for()
        page.locator(".turn").get_by_role("button", name="再问一次").click()
        page.locator(".turn .line", has_text="忙，请稍后再试").wait_for()
        page.locator(".turn").get_by_role("button", name="再问一次").click()
        page.wait_for_selector(".turn article.quote")
        assert page.locator(".turn").count() == 1
    finally:
        held.go_on.set()
