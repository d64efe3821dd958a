"""The library page: adding, removing, what was set aside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from qa import Assistant
from qa.web.opening import Loader
from tests.serving import serving

from .acting import ask, choose_only, unfold

Open = Callable[..., Any]
TEA = "喝茶与骨密度有关[1]。每天喝三杯茶的绝经后妇女，髋部骨密度较高[2]。\n"


@pytest.fixture(scope="module")
def own(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant of a library that these tests change."""
    folder = tmp_path_factory.mktemp("own") / "library"
    assistant = Assistant.open(shutil.copytree(bundled, folder))
    yield assistant
    assistant.library.close()


@pytest.fixture(scope="module")
def served(own: Assistant) -> Iterator[str]:
    with serving(app.create_app(Loader(lambda _: own))) as address:
        yield address


@pytest.fixture
def page(open_page: Open, served: str) -> Any:
    page = open_page(served)
    page.wait_for_selector(".picker")
    page.get_by_role("button", name="文献库").click()
    return page


def file(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_files_are_added_asked_and_removed(page: Any, own: Assistant) -> None:
    shelf = page.get_by_role("region", name="文献库")
    page.set_input_files(
        ".drop input", [file("茶.txt", TEA), file("坏.exe", "x"), file("空.txt", "")]
    )
    outcomes = shelf.locator(".files li[data-outcome]")
    outcomes.nth(2).wait_for()
    assert outcomes.evaluate_all("all => all.map((one) => one.dataset.outcome)") == [
        "added",
        "failed",
        "failed",
    ]
    assert "已加入：《茶》" in outcomes.nth(0).inner_text()
    assert "不支持这种文件" in outcomes.nth(1).inner_text()
    assert "cannot" not in outcomes.nth(1).inner_text()
    row = shelf.locator('.reviews [data-review="茶"]')
    row.wait_for()
    assert "2 句" in row.inner_text()
    page.get_by_role("button", name="返回提问").click()
    choose_only(page, "茶")
    turn = ask(page, "喝茶的人骨密度高吗？")
    unfold(page)
    assert "茶" in turn.locator("mark.best").first.text_content()
    page.get_by_role("button", name="文献库").click()
    row.get_by_role("button", name="移出文献库").click()
    assert "移出《茶》" in row.get_by_role("alert").inner_text()
    row.get_by_role("button", name="保留").click()
    assert "茶" in own.library.reviews
    row.get_by_role("button", name="移出文献库").click()
    row.get_by_role("button", name="确认移出").click()
    row.wait_for(state="detached")
    assert "茶" not in own.library.reviews
    page.get_by_role("button", name="返回提问").click()
    turn.locator("article blockquote").first.click()
    page.locator(".reader .line", has_text="已没有这篇文献").wait_for()


def test_what_went_wrong_is_told_in_the_language_of_the_interface(page: Any) -> None:
    page.set_input_files(".drop input", [file("bad.exe", "x")])
    line = page.locator(".files .line")
    line.wait_for()
    assert line.inner_text().startswith("bad.exe: 不支持这种文件")
    page.get_by_label("界面语言").select_option("en")
    assert line.inner_text().startswith("bad.exe: this kind of file cannot be read")
    assert line.inner_text().isascii()


def test_a_file_is_added_by_dropping_it(page: Any, own: Assistant) -> None:
    dropped = page.evaluate_handle(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "滴.txt"));
            return data;
        }""",
        TEA,
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    page.locator('.files li[data-outcome="added"]').wait_for()
    assert own.library.reviews["滴"].raw == TEA


def test_progress_is_shown_while_a_file_is_read(page: Any) -> None:
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const bar = document.querySelector(".files progress");
                if (bar) window.seen.push(bar.value / bar.max);
            }).observe(document.querySelector(".files"), { subtree: true, childList: true, characterData: true });
        }"""
    )
    page.set_input_files(".drop input", [file("长.txt", TEA * 60)])
    page.locator('.files li[data-outcome="added"]').wait_for()
    seen = page.evaluate("window.seen")
    assert len({value for value in seen if 0 < value < 1}) >= 2


def test_what_was_set_aside_can_be_inspected(page: Any, own: Assistant) -> None:
    review = own.library.reviews["liver-osteoporosis"]
    row = page.locator('.reviews [data-review="liver-osteoporosis"]')
    row.locator("summary", has_text="未作正文").click()
    row.locator("ol li").nth(len(review.set_aside) - 1).wait_for()
    assert row.locator("ol del").evaluate_all("all => all.map((one) => one.textContent)") == [
        review.raw[aside.raw_start : aside.raw_end] for aside in review.set_aside
    ]


def test_a_library_too_large_to_list_says_so(
    open_page: Open, served: str, own: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.web.shelf.MAX_LISTED", 1)
    page = open_page(served)
    page.wait_for_selector(".picker")
    count = len(own.library.reviews)
    assert f"全部 {count} 篇" in page.locator(".picker summary").inner_text()
    assert page.locator(".picker input").count() == 1
    page.get_by_role("button", name="文献库").click()
    page.get_by_text(f"另有 {count - 1} 篇未列出").wait_for()


def test_what_is_known_of_a_review_is_put_right(page: Any, own: Assistant) -> None:
    row = page.locator('.reviews [data-review="obesity-osteoporosis"]')
    row.locator("summary", has_text="题录").click()
    row.get_by_label("题名").fill("更好的题名")
    row.get_by_label("作者").fill("李明; 王芳")
    row.get_by_label("年份").fill("去年")
    row.get_by_role("button", name="保存").click()
    row.locator(".line", has_text="年份应是数字").wait_for()
    row.get_by_label("年份").fill("2016")
    row.get_by_role("button", name="保存").click()
    row.get_by_role("heading", name="更好的题名").wait_for()
    page.wait_for_function("document.activeElement.matches('.reviews summary')")
    assert row.locator("summary").first.evaluate("one => one === document.activeElement")
    record = own.library.reviews["obesity-osteoporosis"].record
    assert (record.title, record.authors, record.year) == ("更好的题名", ("李明", "王芳"), 2016)


def test_the_library_is_reached_and_left_by_keyboard(page: Any) -> None:
    page.keyboard.press("Escape")
    opener = page.get_by_role("button", name="文献库")
    assert opener.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    shelf = page.get_by_role("region", name="文献库")
    shelf.wait_for()
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.drop input')")
    page.keyboard.press("Escape")
    assert shelf.is_hidden()
