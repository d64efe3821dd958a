"""What the tests of the page do over and over, and compare with."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from qa import Answer, Assistant, Quote

QUESTION = "维生素K缺乏为什么会导致骨丢失？"
IN_ENGLISH = "Why does vitamin K deficiency lead to bone loss?"
MERGED = "肝移植后骨丢失什么时候最严重？"
"""Quotes of it may share a passage; `sharing` finds a question of which some do."""
NOWHERE = "今天上海的股市涨了吗？"

TEXTS = "all => all.map((one) => one.textContent)"
MARKS = "all => all.map((one) => [...one.querySelectorAll('mark')].map((mark) => mark.textContent))"


def ask(page: Any, question: str) -> Any:
    """Ask by keyboard and return the turn, answered."""
    before = page.locator(".turn").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(before)
    turn.wait_for()
    page.wait_for_function("n => !document.querySelectorAll('.turn')[n].ariaBusy", arg=before)
    return turn


def choose_only(page: Any, title: str) -> None:
    """Ask one review only."""
    page.locator(".picker summary").click()
    page.locator(".picker button").last.click()
    page.get_by_label(title).check()
    page.locator(".picker summary").click()


def unfold(page: Any) -> None:
    page.evaluate("document.querySelectorAll('.log details').forEach((one) => { one.open = true })")


def cards(answer: Answer) -> list[list[Quote]]:
    """Return the quotes of an answer as the page groups them: those of one passage together."""
    quotes = answer.quotes or answer.nearest
    first = {quote.passage: at for at, quote in reversed(list(enumerate(quotes)))}
    ordered = sorted(quotes, key=lambda quote: first[quote.passage])
    return [list(group) for _, group in groupby(ordered, key=lambda quote: quote.passage)]


def sharing(assistant: Assistant) -> str:
    """Return a question that is answered by several sentences of one passage."""
    headings = [
        review.section_title(at)
        for review in assistant.library.reviews.values()
        for at, part in enumerate(review.sections)
        if part.role == "body" and review.section_title(at)
    ]
    for question in (MERGED, QUESTION, *(f"文献如何论述{heading}？" for heading in headings)):
        answer = assistant.ask(question)
        if len(cards(answer)) < len(answer.quotes):
            return question
    raise AssertionError("no two quotes share a passage")


def marks(group: list[Quote]) -> list[str]:
    """Return the highlights of a card, in order of their place."""
    spans = (span for quote in group for span in quote.highlights)
    return [span.text for span in sorted(spans, key=lambda span: span.start)]


def assert_shows(turn: Any, answer: Answer) -> None:
    """Compare a turn with the same answer given without the page."""
    groups = cards(answer)
    assert turn.locator("article blockquote").evaluate_all(TEXTS) == [
        group[0].text for group in groups
    ]
    assert turn.locator("article").evaluate_all(MARKS) == [marks(group) for group in groups]
    assert turn.locator("mark.best").evaluate_all(TEXTS) == [
        span.text for group in groups for span in group[0].highlights
    ]
    assert turn.locator(".not-found").count() == (answer.status == "not_found")
    assert turn.locator("article").first.is_visible() == (answer.status == "answered")
