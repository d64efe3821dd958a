"""From a file to a citation: a PDF is sent to an empty library, asked, read beside its quote, cited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import app
from qa import Answer, Assistant
from qa.cite import export
from qa.web.opening import Loader
from tests.serving import serving
from tests.sources.papers import Paper, cited, paper, plain
from tests.sources.typesetting import pdf

from .acting import TEXTS, ask, assert_shows

Open = Callable[..., Any]


def tight(text: str) -> str:
    return "".join(text.split())


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Assistant]:
    """An assistant of a library that holds nothing yet."""
    assistant = Assistant.open(tmp_path / "library")
    yield assistant
    assistant.library.close()


def answered(assistant: Assistant, true: Paper) -> tuple[Answer, str]:
    """Return the answer to a sentence that cites, asked word for word, and the sentence as set."""
    for sentence in filter(cited, true.marked):
        answer = assistant.ask(plain(sentence))
        if answer.quotes and answer.quotes[0].highlight == plain(sentence):
            return answer, sentence
    raise AssertionError("no sentence is answered by itself")


@pytest.mark.parametrize(("language", "raised"), [("en", True), ("zh", False)])
def test_a_pdf_is_sent_asked_read_and_cited(
    open_page: Open, empty: Assistant, language: str, raised: bool
) -> None:
    true = paper(language, 31, raised, sections=3)
    file = {"name": "review.pdf", "mimeType": "application/pdf", "buffer": pdf(true)}
    with serving(app.create_app(Loader(lambda _: empty))) as address:
        page = open_page(address)
        page.get_by_role("button", name="文献库").click()
        page.set_input_files(".drop input", [file])
        page.locator('.files li[data-outcome="added"]', has_text=true.title).wait_for(
            timeout=120_000
        )
        assert "30 条参考文献" in page.locator(".reviews li").inner_text()
        page.get_by_role("button", name="返回提问").click()
        answer, sentence = answered(empty, true)
        turn = ask(page, answer.question)
        assert_shows(turn, answer)
        card = turn.locator("article").first
        assert_names_the_page(card, answer, true, file["buffer"])
        assert_shows_references(card, true, sentence)
        assert_reads_on(page, card, true, sentence, raised)
        assert_saves(page, turn, answer, true)


def assert_names_the_page(card: Any, answer: Answer, true: Paper, data: bytes) -> None:
    """The card names the page on which the file itself has the words, as the page names itself."""
    quote = answer.quotes[0]
    assert quote.page
    words = pypdfium2.PdfDocument(data)[quote.page - 1].get_textpage().get_text_range()
    assert tight(quote.highlight)[:12] in tight(words)
    printed = true.first_page + quote.page - 1
    said = card.locator(".citation").inner_text()
    assert f"第 {printed} 页（文件第 {quote.page} 页）" in said


def assert_shows_references(card: Any, true: Paper, sentence: str) -> None:
    card.locator(".references summary").click()
    numbers = list(dict.fromkeys(cited(sentence)))
    assert card.locator(".references dt").evaluate_all(TEXTS)[: len(numbers)] == [
        f"[{number}]" for number in numbers
    ]
    entries = card.locator(".references dd").evaluate_all(TEXTS)[: len(numbers)]
    assert list(map(tight, entries)) == [tight(true.entries[number - 1]) for number in numbers]


def assert_reads_on(page: Any, card: Any, true: Paper, sentence: str, raised: bool) -> None:
    """The reader opens at the sentence, and its marker leads to the entry."""
    card.get_by_role("button", name="查看上下文").click()
    mark = page.locator(".reader mark.here")
    mark.wait_for()
    assert mark.text_content() == plain(sentence)
    assert mark.locator("sup").count() == raised
    mark.locator(".cite").click()
    note = page.get_by_role("complementary", name="引用文献")
    entry = tight(true.entries[cited(sentence)[0] - 1])
    assert entry in tight(note.text_content())
    note.get_by_role("button", name="在文献列表中查看").first.click()
    assert entry in tight(page.locator(".passage.entry").text_content())
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def assert_saves(page: Any, turn: Any, answer: Answer, true: Paper) -> None:
    """Both styles are saved as the program writes them, with the printed page where it belongs."""
    for button, style in (("GB/T 7714", "gbt7714"), ("APA", "apa")):
        turn.locator(".export summary").click()
        with page.expect_download() as saved:
            turn.locator(".export").get_by_role("button", name=button).click()
        text = saved.value.path().read_text("utf-8")
        assert text == export(answer.quotes, style)
        assert true.title in text
        assert str(true.year) in text
