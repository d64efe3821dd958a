"""The reader: the source beside its quotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index import Library
from index.late import Parts, Tokens
from qa import Assistant
from qa.web.opening import Loader

from .acting import QUESTION, TEXTS, ask, cards, choose_only, sharing, unfold

Open = Callable[..., Any]
PARAGRAPHS = 3000


def test_the_reader_opens_at_the_highlight_and_escape_returns_to_the_card(
    page: Any, assistant: Assistant
) -> None:
    card = ask(page, QUESTION).locator("article.quote").first
    marked = card.locator("mark.best").first.text_content()
    card.locator("blockquote").click()
    region = page.get_by_role("region", name="阅读原文")
    mark = region.locator("mark.here").first
    mark.wait_for()
    assert mark.text_content() == marked
    seen = mark.bounding_box()
    assert seen
    assert 0 <= seen["y"] <= 860
    page.keyboard.press("Escape")
    assert region.count() == 0 or region.is_hidden()
    assert card.evaluate("one => one === document.activeElement")


def test_the_answers_other_quotes_are_marked_and_stepped_through(
    page: Any, assistant: Assistant
) -> None:
    question = sharing(assistant)
    quotes = [quote for group in cards(assistant.ask(question)) for quote in group]
    ask(page, question).locator("article blockquote").first.click()
    for number, quote in enumerate(quotes, 1):
        page.locator(".reader-tools", has_text=f"引文 {number}/{len(quotes)}").wait_for()
        page.locator(".reader mark.here", has_text=quote.highlight).wait_for()
        others = {
            other.highlight
            for other in quotes
            if other is not quote and other.review == quote.review
        }
        assert set(page.locator(".reader mark.other").evaluate_all(TEXTS)) == others
        if number < len(quotes):
            page.get_by_role("button", name="下一处引文").click()
    assert page.get_by_role("button", name="下一处引文").is_disabled()


def test_the_outline_leads_to_headings(page: Any, assistant: Assistant) -> None:
    ask(page, QUESTION).locator("article blockquote").first.click()
    page.locator(".outline summary").click()
    here = assistant.ask(QUESTION).quotes[0]
    current = page.locator(".outline [aria-current]")
    assert current.inner_text() == here.review.section_path(here.section)[-1]
    page.locator(".outline").get_by_role("button", name="3.5 肝移植").click()
    heading = page.locator(".reader-body").get_by_role("heading", name="3.5 肝移植")
    heading.wait_for()
    body, box = page.locator(".reader-body").bounding_box(), heading.bounding_box()
    assert body
    assert box
    assert body["y"] <= box["y"] <= body["y"] + body["height"]
    page.get_by_role("button", name="引文 1/").click()
    page.wait_for_function(
        "document.querySelector('.reader mark.here').getBoundingClientRect().top > 0"
    )


def test_the_file_as_extracted_shows_the_same_span(page: Any, assistant: Assistant) -> None:
    quote = assistant.ask(QUESTION).quotes[0]
    ask(page, QUESTION).locator("article blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    page.get_by_role("button", name="文件原样").click()
    page.wait_for_selector(".raw-line mark.here")
    shown = "\n".join(page.locator(".raw-line").evaluate_all(TEXTS))
    assert shown in quote.review.raw
    (span,) = quote.highlights
    marked = page.locator(".raw-line mark.here").evaluate_all(TEXTS)
    assert "".join(marked) == span.raw.replace("\n", "")
    first = page.locator(".raw-line:has(mark.here)").first
    assert first.get_attribute("data-line") == str(span.line)
    page.get_by_role("button", name="文件原样").click()
    page.wait_for_selector(".passage mark.here")


def test_markers_lead_to_their_references_by_mouse_and_keyboard(
    page: Any, assistant: Assistant
) -> None:
    choose_only(page, assistant.library.reviews["astral"].title)
    turn = ask(page, "𝛼波在什么时候最强？")
    unfold(page)
    turn.locator("article blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    page.locator(".passage .cite", has_text="[1]").first.click()
    note = page.get_by_role("complementary", name="引用文献")
    assert "Berger H. Über das Elektrenkephalogramm. 1929." in note.text_content()
    page.keyboard.press("Escape")
    assert note.is_hidden()
    assert page.locator(".cite", has_text="[1]").first.evaluate(
        "one => one === document.activeElement"
    )
    page.keyboard.press("Enter")
    note.get_by_role("button", name="在文献列表中查看").click()
    assert "Berger" in page.locator(".passage.entry").text_content()
    assert page.locator(".cite", has_text="[7]").count() == 0
    assert "频率为8至13赫兹[1]" in page.locator(".reader-body").text_content()


class Letters:
    """An encoder that knows letters only: quick enough for thousands of paragraphs."""

    fingerprint = "letters"
    dimension = 64

    def encode(
        self, texts: Sequence[str], kind: str, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = np.full((len(texts), self.dimension), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            np.add.at(row, [ord(letter) % self.dimension for letter in text], 1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_tokens(
        self, texts: Sequence[str], kind: str, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        rows = self.encode(texts, "passage")
        return rows, [Tokens(row[None], np.ones(1, np.float32)) for row in rows]

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        return [
            Parts(row, self.encode([text[start:end] for start, end in spans], "passage"))
            for row, text, spans in zip(self.encode(texts, "passage"), texts, parts, strict=True)
        ]


@pytest.fixture
def long(tmp_path: Path) -> Assistant:
    file = tmp_path / "long.txt"
    sections = [
        f"{at // 100 + 1} 第{at // 100 + 1}章\n\n" * (at % 100 == 0)
        + f"第{at}段说的是第{at}件事，与骨有关。"
        for at in range(PARAGRAPHS)
    ]
    file.write_text("很长的综述\n\n" + "\n\n".join(sections), "utf-8")
    library = Library(tmp_path / "library", Letters())
    library.add([file])
    return Assistant(library)


def test_a_long_review_opens_in_half_a_second_and_grows_as_one_scrolls(
    open_page: Open, serve_here: Callable[..., str], long: Assistant
) -> None:
    (review,) = long.library.reviews.values()
    assert len(review.layout.paragraphs) >= PARAGRAPHS
    page = open_page(serve_here(Loader(lambda _: long)))
    page.wait_for_selector(".picker")
    turn = ask(page, "第1500段说的是什么？")
    unfold(page)
    took = turn.locator("article").first.evaluate(
        """(card) => new Promise((done) => {
            const start = performance.now();
            const look = () => document.querySelector(".reader mark.here")
                ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(look);
            card.querySelector("blockquote").click();
            look();
        })"""
    )
    assert took < 500
    shown = page.locator(".reader [data-at]")
    before = shown.count()
    assert before < 100
    mark = page.locator(".reader mark.here")
    page.locator(".reader-body").evaluate("one => { one.scrollTop = 0; }")
    page.wait_for_function(
        "n => document.querySelectorAll('.reader [data-at]').length > n", arg=before
    )
    page.locator(".reader-body").evaluate("one => { one.scrollTop = one.scrollHeight; }")
    page.wait_for_function(
        "n => document.querySelectorAll('.reader [data-at]').length > n + 40", arg=before
    )
    texts = shown.evaluate_all(TEXTS)
    assert "".join(texts) in review.text.replace("\n", "")
    assert mark.count() >= 1
    page.locator(".outline summary").click()
    page.locator(".outline").get_by_role("button", name="30 第30章").click()
    page.locator(".reader-body").get_by_role("heading", name="30 第30章").wait_for()
    assert shown.count() < 150
