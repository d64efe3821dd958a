"""PDFs that are set in unusual ways, each by a few lines that can be checked by eye."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from sources import Review, read_bytes

WORDS = [
    "Bone",
    "loss",
    "is",
    "common",
    "in",
    "chronic",
    "liver",
    "disease",
    "and",
    "it",
    "is",
    "seldom",
    "found",
    "before",
    "a",
    "fracture",
    "occurs",
]


def made(*pages: Callable[[Canvas], None], size: tuple[float, float] = (595, 842)) -> Review:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=True)
    for page in pages:
        canvas.setFont("Times-Roman", 10)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return read_bytes(out.getvalue(), Path("a.pdf"))


def column(canvas: Canvas, x: float, y: float, *lines: str) -> None:
    for at, line in enumerate(lines):
        canvas.drawString(x, y - 12 * at, line)


def said(review: Review) -> list[str]:
    return [sentence.text for sentence in review.sentences]


def aside(review: Review) -> dict[str, str]:
    return {review.raw[each.raw_start : each.raw_end]: each.reason for each in review.set_aside}


LEFT = (
    "The left column has many lines of text that",
    "fill all of it from one margin to the other",
) * 5
RIGHT = (
    "and the right column goes on with the words",
    "that the left one broke off at its very end",
) * 5


@pytest.mark.parametrize("gutter", [18, 30])
@pytest.mark.parametrize("interleaved", [False, True])
def test_two_columns_whatever_the_order_in_the_file(gutter: int, interleaved: bool) -> None:
    def page(canvas: Canvas) -> None:
        right = 50 + canvas.stringWidth(LEFT[0], "Times-Roman", 10) + gutter
        if interleaved:
            for at, (one, other) in enumerate(zip(LEFT, RIGHT, strict=True)):
                column(canvas, 50, 700 - 12 * at, one)
                column(canvas, right, 700 - 12 * at, other)
        else:
            column(canvas, right, 700, *RIGHT)
            column(canvas, 50, 700, *LEFT)

    assert said(made(page)) == [" ".join((*LEFT, *RIGHT))]


def test_a_word_broken_over_pages_and_a_caption_between() -> None:
    full = "Bone loss is common in chronic liver disease, and it is seldom found before"

    def one(canvas: Canvas) -> None:
        column(canvas, 50, 700, *[full] * 3, full + " any frac-")

    def two(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 8)
        column(canvas, 50, 760, "Figure 1. The course of bone loss.")
        canvas.setFont("Times-Roman", 10)
        column(canvas, 50, 700, "tures occur. Then it is too late.")

    review = made(one, two)
    long, short, caption = said(review)
    assert long.endswith("before any fractures occur.")
    assert (short, caption) == ("Then it is too late.", "Figure 1. The course of bone loss.")
    assert [review.sort_at(each.start) for each in review.sentences] == [
        "prose",
        "prose",
        "caption",
    ]
    assert [each.page for each in review.sentences] == [1, 2, 2]
    assert aside(review)["-"] == "hyphen"
    first = review.sentences[0]
    assert review.alignment.text_span(first.raw_start, first.raw_end) == (first.start, first.end)


def test_text_that_runs_another_way_or_is_not_shown_is_set_aside() -> None:
    def page(canvas: Canvas) -> None:
        column(canvas, 50, 700, "Bone loss is common.")
        canvas.saveState()
        canvas.rotate(90)
        canvas.drawString(300, -20, "Downloaded by someone.")
        canvas.restoreState()
        canvas.drawString(900, 500, "Beside the page.")
        text = canvas.beginText(50, 600)
        text.setTextRenderMode(3)
        text.textOut("Nobody sees this.")
        canvas.drawText(text)

    review = made(page)
    assert said(review) == ["Bone loss is common."]
    hidden = aside(review)
    assert hidden["Nobody sees this."] == hidden["Beside the page."] == "hidden"
    assert any("Downloaded" in words for words in hidden)


def test_the_invisible_text_of_a_scan_is_read() -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(50, 600)
        text.setTextRenderMode(3)
        text.textOut("Bone loss is common.")
        canvas.drawText(text)

    assert said(made(page)) == ["Bone loss is common."]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_turned(turn: int) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=True)
    canvas.translate(300, 400)
    canvas.rotate(turn)
    column(
        canvas, -200, 100, "Bone loss is common in chronic liver", "disease. It is seldom found."
    )
    canvas.showPage()
    canvas.save()
    review = read_bytes(out.getvalue(), Path("a.pdf"))
    assert said(review) == ["Bone loss is common in chronic liver disease.", "It is seldom found."]


def test_superscripts_are_known_and_the_text_is_as_it_stands() -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(50, 600)
        for words, rise, size in (
            ("Bone loss is common.", 0, 10), ("13,14", 3.6, 6.5), (" It is 10", 0, 10), ("9", 3.6, 6.5),
            (" cells, and H", 0, 10), ("2", -2, 6.5), ("O.", 0, 10),
        ):  # fmt: skip
            text.setFont("Times-Roman", size)
            text.setRise(rise)
            text.textOut(words)
        canvas.drawText(text)

    review = made(page)
    assert said(review) == ["Bone loss is common.13,14", "It is 109 cells, and H2O."]
    assert [review.raw[slice(*span)] for span in review.superscripts] == ["13,14", "9"]


def test_page_labels_of_the_file() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.addPageLabel(0, "ROMAN_LOWER", 5)
    for words in ("Bone is lost.", "It comes back."):
        canvas.drawString(50, 500, words)
        canvas.showPage()
    canvas.save()
    review = read_bytes(out.getvalue(), Path("a.pdf"))
    assert [(each.page, each.page_label) for each in review.sentences] == [(1, "v"), (2, "vi")]


def test_words_beside_a_table_are_not_of_its_row() -> None:
    def page(canvas: Canvas) -> None:
        column(canvas, 50, 760, " ".join(WORDS) + ".")
        for row, cells in enumerate((("Group", "Density"), ("Obese", "0.92"), ("Lean", "0.85"))):
            for at, cell in enumerate(cells):
                canvas.rect(150 + 100 * at, 670 - 20 * row, 100, 20)
                canvas.drawString(155 + 100 * at, 676 - 20 * row, cell)
        canvas.drawString(50, 656, "Beside it.")
        column(canvas, 50, 600, "After the table the text goes on.")

    text = made(page).text
    assert all(words in text for words in ("Beside it.", "Obese", "0.85", "After the table"))


def test_a_table_in_a_grid_keeps_its_cells() -> None:
    def page(canvas: Canvas) -> None:
        column(canvas, 50, 760, " ".join(WORDS) + ".")
        canvas.setFont("Times-Bold", 9)
        column(canvas, 50, 700, "Table 1")
        canvas.setFont("Times-Roman", 9)
        for row, cells in enumerate((("Group", "Density"), ("Obese", "0.92"), ("Lean", "0.85"))):
            for at, cell in enumerate(cells):
                canvas.rect(50 + 100 * at, 670 - 20 * row, 100, 20)
                canvas.drawString(55 + 100 * at, 676 - 20 * row, cell)
        canvas.setFont("Times-Roman", 10)
        column(canvas, 50, 600, "After the table the text goes on.")

    review = made(page)
    listed = {each.text: review.sort_at(each.start) for each in review.sentences}
    assert {text for text, sort in listed.items() if sort == "table"} == {
        "Group Density", "Obese 0.92", "Lean 0.85"
    }  # fmt: skip
    assert listed["Table 1"] == "caption"
    assert listed["After the table the text goes on."] == "prose"
