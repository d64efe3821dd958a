"""Documents and questions are text, whatever they hold."""

from __future__ import annotations

from typing import Any

from qa import Assistant
from qa.web.reader import blocks

from .acting import TEXTS, ask, assert_shows, choose_only, unfold
from .hostile import STRINGS

MADE = ":is(script, img, svg, a, b, i, code, em, strong, iframe)"


def test_hostile_documents_are_shown_literally(page: Any, assistant: Assistant) -> None:
    review = assistant.library.reviews["hostile"]
    choose_only(page, review.title)
    sentences = [passage.span.text for passage in review.passages]
    assert len(sentences) == 10
    for sentence in sentences[:4]:
        assert_shows(ask(page, sentence), assistant.ask(sentence, sources=["hostile"]))
    unfold(page)
    page.locator("article.quote blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    shown = page.locator(".reader [data-at]").evaluate_all(TEXTS)
    assert shown == [review.text[block.start : block.end] for block in blocks(review)]
    assert page.evaluate("window.pwned") is None
    assert page.locator(f".log {MADE}, .reader {MADE}").count() == 0


def test_hostile_questions_are_shown_literally(page: Any) -> None:
    for question in STRINGS:
        turn = ask(page, question)
        assert turn.locator("h2").text_content() == question.strip()
    follow_up = ask(page, "它呢？<svg onload=window.pwned=6>")
    assert (
        follow_up.locator(".read-as q").text_content().endswith("它呢？<svg onload=window.pwned=6>")
    )
    unfold(page)
    assert page.evaluate("window.pwned") is None
    assert page.locator(f".log {MADE}").count() == 0


def test_hostile_texts_are_marked_exactly(page: Any) -> None:
    """What draws cards and reader is given each text as a document's, with a highlight in it."""
    shown = page.evaluate(
        """async (texts) => {
            const { element, marked } = await import(new URL("page/dom.js", document.baseURI));
            return texts.map((text) => {
                const end = [...text].length - 1;
                const node = element("p", {}, ...marked(text, [{ start: 1, end }], [[2, 3, [1]]]));
                document.querySelector(".log").append(node);
                return [node.textContent, node.querySelector("mark").textContent];
            });
        }""",
        STRINGS,
    )
    assert shown == [[text, text[1:-1]] for text in STRINGS]
    assert page.evaluate("window.pwned") is None
    assert page.locator(f".log {MADE}").count() == 0


def test_highlights_are_right_beyond_utf_16(page: Any, assistant: Assistant) -> None:
    choose_only(page, assistant.library.reviews["astral"].title)
    question = "𝛼波在什么时候最强？"
    turn = ask(page, question)
    assert_shows(turn, assistant.ask(question, sources=["astral"]))
    unfold(page)
    marks = turn.locator("article.quote mark").evaluate_all(
        "all => all.map((one) => one.textContent)"
    )
    assert any("𝛼波在闭眼时最强，频率为8至13赫兹[1]。" in mark for mark in marks)
    card = turn.locator("article.quote", has=page.locator("mark", has_text="8至13赫兹"))
    assert "Berger H. Über das Elektrenkephalogramm. 1929." in card.locator("dl").text_content()
    card.locator("blockquote").click()
    assert page.locator(".reader mark.here").first.text_content() in marks
