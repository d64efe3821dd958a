"""Asking, reading and refusing on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from qa import Assistant

from .acting import IN_ENGLISH, NOWHERE, QUESTION, ask, assert_shows, cards, choose_only, sharing

Open = Callable[..., Any]


def test_an_answer_is_quoted_with_its_citation(page: Any, assistant: Assistant) -> None:
    turn = ask(page, QUESTION)
    assert_shows(turn, assistant.ask(QUESTION))
    card = turn.get_by_role("article").first
    mark = card.locator("mark.best").first.text_content()
    assert any(mark in review.text for review in assistant.library.reviews.values())
    quote = assistant.ask(QUESTION).quotes[0]
    citation = card.locator(".citation").inner_text()
    assert citation.startswith(
        " › ".join((quote.review.title, *quote.review.section_path(quote.section)))
    )
    assert re.search(r" 第 \d+[\d–, ]* 行", citation)
    assert "没有参考文献列表" in card.locator(".references").inner_text()
    assert card.locator("blockquote").get_attribute("lang") == "zh"
    assert turn.locator(".confidence").count() == 1
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"


def test_what_the_reviews_do_not_say_is_said(page: Any, assistant: Assistant) -> None:
    turn = ask(page, NOWHERE)
    answer = assistant.ask(NOWHERE)
    assert_shows(turn, answer)
    if answer.status == "not_found":
        assert turn.get_by_role("heading", name="原文没有说").is_visible()
        turn.locator(".chip").nth(1).wait_for()
        turn.locator("summary").first.click()
        assert turn.locator("article").first.is_visible()


def test_a_suggested_question_is_answered_from_its_own_section(page: Any) -> None:
    chip = page.locator(".welcome .chip").first
    heading = re.fullmatch("文献如何论述(.+)？", chip.inner_text())
    assert heading
    chip.click()
    page.wait_for_selector("article.quote")
    assert heading[1] in page.locator(".citation").first.inner_text()
    assert page.locator(".welcome").is_hidden()


def test_a_follow_up_shows_what_was_carried_over(page: Any, assistant: Assistant) -> None:
    ask(page, QUESTION)
    turn = ask(page, "那K2呢？")
    answer = assistant.ask("那K2呢？", [QUESTION])
    assert turn.locator(".read-as q").text_content() == answer.read_as
    assert_shows(turn, answer)
    page.get_by_role("button", name="新对话").click()
    assert page.locator(".turn").count() == 0
    assert ask(page, "那K2呢？").locator(".read-as").count() == 0


def test_only_the_chosen_reviews_are_asked(page: Any, assistant: Assistant) -> None:
    title = "肥胖与骨质疏松的相关性研究"
    choose_only(page, title)
    assert "1/4" in page.locator(".picker summary").inner_text()
    turn = ask(page, QUESTION)
    assert_shows(turn, assistant.ask(QUESTION, sources=["obesity-osteoporosis"]))
    page.locator(".picker summary").click()
    page.get_by_role("button", name="全不选").click()
    assert "没有选中任何文献" in ask(page, QUESTION).locator(".line").inner_text()


def test_an_english_question_is_answered_in_the_words_of_the_source(
    open_page: Open, address: str, assistant: Assistant
) -> None:
    page = open_page(address, locale="en-US")
    page.wait_for_selector(".picker")
    turn = ask(page, IN_ENGLISH)
    assert_shows(turn, assistant.ask(IN_ENGLISH))
    assert turn.locator("h2").get_attribute("lang") == "en"
    assert turn.locator("blockquote").first.get_attribute("lang") == "zh"


def test_quotes_of_one_passage_share_a_card(page: Any, assistant: Assistant) -> None:
    question = sharing(assistant)
    answer = assistant.ask(question)
    turn = ask(page, question)
    assert_shows(turn, answer)
    assert turn.locator("article").count() == len(cards(answer)) < len(answer.quotes)
    assert turn.locator("mark.best").count() == len(cards(answer))


def test_a_conversation_outlives_a_reload_but_not_a_new_one(
    page: Any, assistant: Assistant
) -> None:
    ask(page, QUESTION)
    page.reload()
    page.wait_for_selector(".picker")
    assert_shows(page.locator(".turn"), assistant.ask(QUESTION))
    turn = ask(page, "那K2呢？")
    assert (
        turn.locator(".read-as q").text_content() == assistant.ask("那K2呢？", [QUESTION]).read_as
    )
    page.get_by_role("button", name="新对话").click()
    page.reload()
    page.wait_for_selector(".picker")
    assert page.locator(".turn").count() == 0


@pytest.mark.parametrize(
    ("style", "suffix", "held"),
    [("BibTeX", "bib", "@article{"), ("RIS", "ris", "TY  - JOUR"), ("GB/T 7714", "txt", "[J]"), ("Markdown", "md", "> ")],
)  # fmt: skip
def test_quotes_are_saved_as_a_file(page: Any, style: str, suffix: str, held: str) -> None:
    ask(page, QUESTION)
    for menu in (page.locator(".reply .export"), page.locator(".masthead .export")):
        menu.locator("summary").click()
        with page.expect_download() as saved:
            menu.get_by_role("button", name=style).click()
        assert saved.value.suggested_filename == f"yuanwen.{suffix}"
        text = saved.value.path().read_text("utf-8")
        assert held in text


@pytest.mark.parametrize(("question", "told"), [("  ", "问题是空的"), ("骨" * 2001, "问题太长")])
def test_a_question_that_cannot_be_read_is_told_in_one_line(
    page: Any, question: str, told: str
) -> None:
    turn = ask(page, question)
    assert turn.locator(".line").inner_text().startswith(told)
    assert "/" not in turn.locator(".line").inner_text()
    assert turn.locator("article").count() == 0


def test_copying_takes_the_quote_and_its_citation(
    open_page: Open, address: str, assistant: Assistant
) -> None:
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    copied = "\n\n".join(
        f"{quote.highlight}\n{quote.citation()}" for quote in cards(assistant.ask(QUESTION))[0]
    )
    button = ask(page, QUESTION).get_by_role("button", name="复制原文和出处").first
    button.click()
    page.get_by_role("button", name="已复制").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == copied
    page.evaluate("navigator.clipboard.writeText('')")
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    ask(page, QUESTION).get_by_role("button", name="复制原文和出处").first.click()
    page.wait_for_function(
        "t => navigator.clipboard.readText().then((now) => now === t)",
        arg=copied,
    )
