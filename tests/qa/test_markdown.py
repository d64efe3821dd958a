"""Markdown in which a document's text stays literal, as an outside reader of Markdown sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa import Assistant
from qa.markdown import as_markdown, literal

SIGNS = st.text(
    st.sampled_from("ab1 骨。\t*_`~#>+-.()[]{}|!<&$\\:/@=^\"'"), min_size=1, max_size=30
)


def rendered(text: str) -> tuple[str, set[str]]:
    """Return the plain text of a Markdown document, and the kinds of what it is made of."""
    (paragraph,) = [
        each
        for each in MarkdownIt("gfm-like", {"linkify": False}).parse(text)
        if each.type == "inline"
    ]
    kinds = {child.type for child in paragraph.children or []}
    return "".join(child.content for child in paragraph.children or []), kinds


@pytest.mark.parametrize(
    "text",
    ["[13]: http://example.org/paper", "1986. a", "- 5 °C", "    four", "$$5$$ and \\(x\\)", "a*b*c _d_ `e` ~~f~~", "<script>x</script> &lt;",
     "![x](y) [2](a) https://example.org www.example.org", "# 1", "> 5 nm", "a | b", "CO_2_", "C:\\new\\", "==x==", "+ 3", "---"],
)  # fmt: skip
def test_signs_stay_signs(text: str) -> None:
    assert rendered(literal(text)) == (text, rendered("a")[1])


@given(SIGNS)
def test_any_line_stays_as_it_is(text: str) -> None:
    text = text.strip() or "a"
    assert rendered(literal(text))[0] == text
    assert rendered(f"> {literal(text)}")[0] == text


def test_quotes_stand_below_their_question(assistant: Assistant) -> None:
    answer = assistant.ask("维生素K缺乏为什么会导致骨丢失？", k=2)
    tokens = MarkdownIt().parse(as_markdown([(answer.question, answer.quotes)]))
    inline = [each for each in tokens if each.type == "inline"]
    texts = ["".join(child.content for child in each.children or []) for each in inline]
    assert texts[0] == answer.question
    assert texts[1::2] == [quote.highlight for quote in answer.quotes]
    assert texts[2::2] == [f"— {quote.citation()}" for quote in answer.quotes]
