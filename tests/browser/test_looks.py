"""Language, appearance, keyboard, phone, zoom, paper, and what axe-core finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from .acting import MERGED, NOWHERE, QUESTION, ask, unfold

Open = Callable[..., Any]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def faults(page: Any) -> list[str]:
    """Return what axe-core finds wrong, by rule and place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['impact']} {fault['id']}: {node['target']}"
        for fault in found
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize(("locale", "theme"), [("zh-CN", "light"), ("en-US", "dark")])
def test_axe_finds_nothing(open_page: Open, address: str, theme: str, locale: str) -> None:
    page = open_page(address, color_scheme=theme, locale=locale, reduced_motion="reduce")
    page.wait_for_selector(".welcome .chip")
    assert faults(page) == []
    ask(page, MERGED)
    ask(page, NOWHERE)
    unfold(page)
    page.locator("article.quote blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    page.locator(".outline summary").click()
    assert faults(page) == []
    page.locator(".reader-tools [aria-pressed]").click()
    page.wait_for_selector(".raw-line")
    assert faults(page) == []
    page.locator("#open-shelf").click()
    for summary in page.locator(".reviews details summary").all():
        summary.click()
    page.locator(".record input").first.wait_for()
    page.wait_for_selector(".reviews ol li")
    page.locator(".reviews .danger").first.click()
    assert faults(page) == []


def test_axe_finds_nothing_on_a_phone(open_page: Open, address: str) -> None:
    page = open_page(address, **PHONE)
    page.wait_for_selector(".picker")
    ask(page, MERGED).locator("article blockquote").first.tap()
    page.wait_for_selector(".reader mark.here")
    assert faults(page) == []


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


def test_back_closes_the_sheet(open_page: Open, address: str) -> None:
    page = open_page(address, **PHONE)
    page.wait_for_selector(".picker")
    card = ask(page, QUESTION).locator("article").first
    for _ in range(2):
        card.locator("blockquote").tap()
        page.wait_for_selector(".reader mark.here")
        page.go_back()
        page.locator(".reader").wait_for(state="hidden")
        assert card.evaluate("one => one === document.activeElement")
    page.locator("#open-shelf").tap()
    page.locator(".reviews li").first.wait_for()
    page.go_back()
    page.locator(".shelf").wait_for(state="hidden")
    assert page.locator(".turn").count() == 1


@pytest.mark.parametrize("width", [640, 320])
def test_zoom_needs_no_sideways_scroll(open_page: Open, address: str, width: int) -> None:
    """At 200 % a window of 1280 pixels is 640 wide to the page; at 400 % it is 320."""
    page = open_page(address, viewport={"width": width, "height": 400}, locale="en-US")
    page.wait_for_selector(".picker")
    fits = f"document.documentElement.scrollWidth <= {width}"
    ask(page, MERGED)
    unfold(page)
    assert page.evaluate(fits)
    page.locator("#open-shelf").click()
    page.locator(".reviews li").first.wait_for()
    page.locator(".reviews .danger").first.click()
    assert page.evaluate(fits)


def test_paper_holds_the_answers_and_nothing_that_is_pressed(page: Any) -> None:
    ask(page, QUESTION).locator("article blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    page.emulate_media(media="print")
    for hidden in (".reader", "#desk", ".controls", ".actions", ".export"):
        assert not any(each.is_visible() for each in page.locator(hidden).all()), hidden
    assert page.locator("article.quote mark").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_every_text_says_its_language(page: Any) -> None:
    """No Chinese stands where the nearest `lang` is another, once the page speaks English."""
    page.get_by_label("界面语言").select_option("en")
    ask(page, MERGED)
    unfold(page)
    page.locator("article.quote blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    wrong = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const wrong = [];
            while (walker.nextNode()) {
                const { data, parentElement: parent } = walker.currentNode;
                if (parent.closest("script, style, #picker, #shelf")) continue;
                if (/\\p{Script=Han}/u.test(data) && !parent.closest("[lang]").lang.startsWith("zh")) wrong.push(data);
            }
            return wrong;
        }"""
    )
    assert wrong == []
