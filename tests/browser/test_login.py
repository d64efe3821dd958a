"""The login page in a browser, and the page of someone who has logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import app
from qa import Assistant
from qa.doors.accounts import Accounts
from qa.doors.entry import Entry
from qa.doors.tickets import Tickets
from qa.web import guard
from qa.web.opening import Loader
from tests.qa.doors.conftest import PASSWORD, QUICK
from tests.serving import serving

from .acting import QUESTION, ask
from .test_looks import PHONE, faults

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    accounts = Accounts(tmp_path_factory.mktemp("doors") / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD, admin=True)
    accounts.add("王医生", PASSWORD)
    return accounts


@pytest.fixture(scope="module")
def served(assistant: Assistant, accounts: Accounts) -> Iterator[str]:
    with serving(app.create_app(Loader(lambda _: assistant), Entry(accounts=accounts))) as address:
        yield address


@pytest.fixture
def door(browser: Any, served: str) -> Iterator[Callable[..., Any]]:
    """Open the address as a stranger; nothing may leave the machine or break the page's policy."""
    contexts, seen = [], []

    def door(**settings: Any) -> Any:
        contexts.append(browser.new_context(**{"locale": "zh-CN", **settings}))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: seen.append(f"error: {error}"))
        page.on("console", lambda told: seen.append(told.text) if "Content Security" in told.text else None)  # fmt: skip
        page.on("request", lambda sent: seen.append(sent.url) if not sent.url.startswith((served, "data:", "blob:")) else None)  # fmt: skip
        page.goto(served)
        assert page.url == f"{served}/login"
        return page

    yield door
    for context in contexts:
        context.close()
    assert seen == []


def log_in(page: Any, name: str, password: str = PASSWORD) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def test_one_logs_in_asks_and_logs_out(door: Callable[..., Any], served: str) -> None:
    page = door()
    assert page.locator("[name=name]").evaluate("one => one === document.activeElement")
    log_in(page, "王医生")
    page.wait_for_selector(".picker")
    assert ask(page, QUESTION).locator("article.quote").count()
    page.reload()
    page.wait_for_selector("article.quote")
    page.get_by_role("button", name="退出 王医生").click()
    page.wait_for_url(f"{served}/login*")
    page.go_back()
    page.locator("[name=name]").wait_for()
    log_in(page, "li")
    page.wait_for_selector(".picker")
    assert page.locator(".turn").count() == 0  # what was asked before is not the next one's to see


def test_a_session_that_ended_leads_to_the_login_page(
    door: Callable[..., Any], accounts: Accounts
) -> None:
    accounts.add("zhang", PASSWORD)
    page = door()
    log_in(page, "zhang")
    page.wait_for_selector(".picker")
    accounts.remove("zhang")
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("[name=password]").wait_for()


def test_a_reader_is_not_offered_what_admins_do(door: Callable[..., Any]) -> None:
    for name, offered in (("王医生", False), ("li", True)):
        page = door()
        log_in(page, name)
        page.wait_for_selector(".picker")
        page.get_by_role("button", name="文献库").click()
        page.locator(".reviews li").first.wait_for()
        page.locator(".reviews .record").first.evaluate("one => { one.parentNode.open = true }")
        page.locator(".record input").first.wait_for()
        for control in (".drop", ".danger", ".record button"):
            assert (page.locator(control).count() > 0) == offered, control
        readonly = page.locator(".record input").first.get_attribute("readonly")
        assert (readonly is None) == offered


def test_who_asks_too_fast_is_told(
    browser: Any, assistant: Assistant, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "ASKING", guard.Rate(4, 0.01))
    session = Tickets(accounts.kept).issue("li", "session")
    with serving(app.create_app(Loader(lambda _: assistant), Entry(accounts=accounts))) as address:
        context = browser.new_context(locale="zh-CN")
        context.add_cookies([{"name": "yuanwen-session", "value": session, "url": address}])
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".picker")
        for _ in range(5):
            turn = ask(page, QUESTION)
        assert "问得太快了" in turn.locator(".line").inner_text()
        context.close()


@pytest.mark.parametrize(
    ("locale", "wrong", "other", "title"),
    [("zh-CN", "帐户名或密码不对。", "English", "登录"), ("en-US", "Account or password is wrong.", "中文", "Log in")],
)  # fmt: skip
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_login_page_reads_well(
    door: Callable[..., Any], locale: str, wrong: str, other: str, title: str, theme: str
) -> None:
    page = door(locale=locale, color_scheme=theme)
    assert page.title().startswith(title)
    assert faults(page) == []
    name = f"{locale} {theme}"  # one of its own: waits grow with every wrong password
    log_in(page, name, "not the password")
    page.get_by_text(wrong).wait_for()
    assert page.locator("[name=name]").input_value() == name
    assert page.locator("[name=password]").input_value() == ""
    assert faults(page) == []
    page.get_by_role("link", name=other).click()
    page.wait_for_url("**/login?lang=*")
    assert not page.title().startswith(title)
    assert faults(page) == []


def test_the_login_page_fits_a_phone_and_needs_no_script(door: Callable[..., Any]) -> None:
    page = door(**PHONE, java_script_enabled=False)
    box = page.locator("main").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.locator("button").bounding_box()["height"] >= 40
    log_in(page, "li")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    page = door(**PHONE)
    log_in(page, "li", "not the password")
    page.locator(".line").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert faults(page) == []
    log_in(page, "li")
    page.wait_for_selector(".picker")
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert faults(page) == []
    assert page.locator("#log-out").is_visible()


def test_a_link_from_another_site_finds_one_logged_in(
    browser: Any, served: str, accounts: Accounts
) -> None:
    session = Tickets(accounts.kept).issue("li", "session")
    context = browser.new_context(locale="zh-CN")
    cookie = {"name": "yuanwen-session", "value": session, "url": served, "sameSite": "Strict"}
    context.add_cookies([cookie])
    page = context.new_page()
    page.route("http://portal.example/", lambda route: route.fulfill(
        content_type="text/html", body=f'<a href="{served}/">go</a><form method="post" action="{served}/library/remove"><button>x</button></form>'
    ))  # fmt: skip
    page.goto("http://portal.example/")
    page.get_by_role("link").click()
    page.wait_for_selector(".picker")
    page.goto("http://portal.example/")
    with page.expect_response("**/library/remove") as forged:
        page.get_by_role("button").click()
    assert forged.value.status == 403
    context.close()
