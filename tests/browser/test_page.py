"""Asking, reading and refusing on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from app import Loader
from index import LibraryError
from qa import Answer, Assistant

QUESTION = "维生素K缺乏为什么会导致骨丢失？"
NOWHERE = "今天上海的股市涨了吗？"
HOSTILE_QUESTION = "<img src=x onerror=window.pwned=1>${window.pwned=2}{{7*7}} **b** [a](javascript:alert(1)) \\(x\\)？"
Open = Callable[..., Any]


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


def assert_shows(turn: Any, answer: Answer) -> None:
    """Compare a turn with the same answer given without the page."""
    quotes = answer.quotes or answer.nearest
    assert turn.locator("article blockquote").evaluate_all(
        "all => all.map((one) => one.textContent)"
    ) == [quote.text for quote in quotes]
    assert turn.locator("article").evaluate_all(
        "all => all.map((one) => [...one.querySelectorAll('mark')].map((mark) => mark.textContent))"
    ) == [[span.text for span in quote.highlights] for quote in quotes]
    assert turn.locator(".not-found").count() == (answer.status == "not_found")
    assert turn.locator("article").first.is_visible() == (answer.status == "answered")


def test_an_answer_is_quoted_with_its_citation(page: Any, assistant: Assistant) -> None:
    turn = ask(page, QUESTION)
    assert_shows(turn, assistant.ask(QUESTION))
    card = turn.get_by_role("article").first
    mark = card.locator("mark").first.text_content()
    assert any(mark in review.text for review in assistant.library.reviews.values())
    quote = assistant.ask(QUESTION).quotes[0]
    citation = card.locator(".citation").inner_text()
    assert citation.startswith(
        " › ".join((quote.review.title, *quote.review.section_path(quote.section)))
    )
    assert re.search(r" 第 \d+(–\d+)? 行", citation)
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
        assert 2 <= turn.locator(".chip").count() <= 3
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


@pytest.mark.parametrize(("question", "told"), [("  ", "问题是空的"), ("骨" * 2001, "问题太长")])
def test_a_question_that_cannot_be_read_is_told_in_one_line(
    page: Any, question: str, told: str
) -> None:
    turn = ask(page, question)
    assert turn.locator(".line").inner_text().startswith(told)
    assert "/" not in turn.locator(".line").inner_text()
    assert turn.locator("article").count() == 0


def test_hostile_documents_are_shown_literally(page: Any, assistant: Assistant) -> None:
    review = assistant.library.reviews["hostile"]
    choose_only(page, review.title)
    sentences = [passage.span.text for passage in review.passages]
    assert len(sentences) == 10
    for sentence in sentences[:4]:
        assert_shows(ask(page, sentence), assistant.ask(sentence, sources=["hostile"]))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.locator("article.quote blockquote").first.click()
    page.wait_for_selector(".reader mark")
    assert (
        page.locator(".reader .passage").evaluate_all("all => all.map((one) => one.textContent)")[
            -10:
        ]
        == sentences
    )
    assert page.evaluate("window.pwned") is None
    assert (
        page.locator(
            ".log :is(script, img, svg, a, b), .reader :is(script, img, svg, a, b)"
        ).count()
        == 0
    )


def test_hostile_questions_are_shown_literally(page: Any) -> None:
    turn = ask(page, HOSTILE_QUESTION)
    assert turn.locator("h2").text_content() == HOSTILE_QUESTION
    follow_up = ask(page, "它呢？<svg onload=window.pwned=3>")
    assert follow_up.locator(".read-as q").text_content().startswith(HOSTILE_QUESTION)
    assert page.evaluate("window.pwned") is None


def test_highlights_are_right_beyond_utf_16(page: Any, assistant: Assistant) -> None:
    choose_only(page, assistant.library.reviews["astral"].title)
    question = "𝛼波在什么时候最强？"
    turn = ask(page, question)
    assert_shows(turn, assistant.ask(question, sources=["astral"]))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    marks = turn.locator("article.quote mark").evaluate_all(
        "all => all.map((one) => one.textContent)"
    )
    assert any("𝛼波在闭眼时最强，频率为8至13赫兹[1]。" in mark for mark in marks)
    card = turn.locator("article.quote", has=page.locator("mark", has_text="8至13赫兹"))
    assert "Berger H. Über das Elektrenkephalogramm. 1929." in card.locator("dl").text_content()
    card.locator("blockquote").click()
    assert page.locator(".reader mark").first.text_content() in marks


def test_the_reader_opens_at_the_highlight_and_escape_returns_to_the_card(
    page: Any, assistant: Assistant
) -> None:
    card = ask(page, QUESTION).locator("article.quote").first
    marked = card.locator("mark").first.text_content()
    card.locator("blockquote").click()
    region = page.get_by_role("region", name="阅读原文")
    mark = region.locator("mark").first
    mark.wait_for()
    assert mark.text_content() == marked
    seen = mark.bounding_box()
    assert seen
    assert 0 <= seen["y"] <= 860
    page.keyboard.press("Escape")
    assert region.count() == 0 or region.is_hidden()
    assert card.evaluate("one => one === document.activeElement")


def test_the_keyboard_is_enough(page: Any) -> None:
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    assert page.locator("#question textarea").input_value() == "第一行\n第二行"
    turn = ask(page, QUESTION)
    assert page.locator("#question textarea").input_value() == ""
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('article')"):
            break
    cards = turn.locator("article.quote")
    assert cards.last.evaluate("one => one === document.activeElement")
    page.keyboard.press("ArrowUp")
    above = cards.nth(max(cards.count() - 2, 0))
    assert above.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reader mark")
    assert page.evaluate("document.activeElement.closest('.reader') !== null")
    page.keyboard.press("Escape")
    assert above.evaluate("one => one === document.activeElement")


def test_the_language_can_be_switched_at_any_time(page: Any) -> None:
    turn = ask(page, NOWHERE)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_label("界面语言").select_option("en")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Send").wait_for()
    assert (
        page.get_by_label("Your question").get_attribute("placeholder")
        == "Type a question, Enter sends"
    )
    assert page.get_by_role("button", name="New conversation").is_visible()
    told = turn.locator(".not-found h3, .verdict span").first.inner_text()
    assert told.isascii()
    page.reload()
    page.wait_for_selector(".picker")
    assert "Ask the literature" in page.locator(".tagline").inner_text()


def test_the_language_is_the_browsers_at_first(open_page: Open, address: str) -> None:
    page = open_page(address, locale="en-US")
    page.get_by_role("button", name="Send").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"


def test_light_and_dark_follow_the_system_unless_chosen(open_page: Open, address: str) -> None:
    page = open_page(address, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{paper} !== '{dark}'")
    page.get_by_label("外观").select_option("dark")
    assert page.evaluate(paper) == dark
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(paper) == dark


def test_a_phone_needs_no_sideways_scroll(open_page: Open, address: str) -> None:
    page = open_page(
        address, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page.wait_for_selector(".picker")

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= 390"))

    assert fits()
    turn = ask(page, QUESTION)
    assert fits()
    turn.locator("article blockquote").first.tap()
    page.wait_for_selector(".reader mark")
    box = page.locator(".reader").bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"]) == (0, 0, 390)
    assert fits()
    page.get_by_role("button", name="返回").tap()
    assert turn.locator("article").first.evaluate("one => one === document.activeElement")
    ask(page, NOWHERE)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert fits()


def test_copying_takes_the_quote_and_its_citation(
    open_page: Open, address: str, assistant: Assistant
) -> None:
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    quote = assistant.ask(QUESTION).quotes[0]
    button = ask(page, QUESTION).get_by_role("button", name="复制原文和出处").first
    button.click()
    page.get_by_role("button", name="已复制").first.wait_for()
    assert (
        page.evaluate("navigator.clipboard.readText()") == f"{quote.highlight}\n{quote.citation()}"
    )
    page.evaluate("navigator.clipboard.writeText('')")
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    ask(page, QUESTION).get_by_role("button", name="复制原文和出处").first.click()
    page.wait_for_function(
        "t => navigator.clipboard.readText().then((now) => now === t)",
        arg=f"{quote.highlight}\n{quote.citation()}",
    )


def test_nothing_leaves_the_machine(page: Any, address: str, sought: Path) -> None:
    """The requests of every page are watched by its fixture; here, what the server itself sought."""
    ask(page, QUESTION)
    assert not sought.exists()
    policy = httpx.get(address).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 400


def test_a_question_asked_while_the_library_opens_is_kept(
    open_page: Open, serve_here: Callable[..., str], assistant: Assistant
) -> None:
    opened = Event()

    def opener(progress: Callable[[str, int, int], None]) -> Assistant:
        progress("标题", 3, 7)
        opened.wait(60)
        return assistant

    page = open_page(serve_here(Loader(opener)))
    page.locator(".status .detail", has_text="3/7").wait_for()
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn .waiting", has_text="问题已记下").wait_for()
    opened.set()
    page.wait_for_selector(".turn article.quote")
    page.wait_for_selector(".picker")


def test_a_library_that_cannot_be_opened_is_told(
    open_page: Open, serve_here: Callable[..., str]
) -> None:
    def opener(_: object) -> Assistant:
        raise LibraryError("/tmp/x: 打不开 / cannot be opened")

    page = open_page(serve_here(Loader(opener)))
    page.locator(".line", has_text="打不开").wait_for()
    assert ask(page, QUESTION).locator(".line").inner_text() == "/tmp/x: 打不开"
