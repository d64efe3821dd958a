"""Sets made-up reviews as PDFs the way journals do, so that what a reader should find is known.

Two columns under a title and an abstract that span them; running heads, page numbers, footnotes;
lines broken with hyphens and justified; tables and figures at the head of a column or across the
page, wherever that cuts a paragraph.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .fonts import cjk
from .papers import LOWER, RAISE, Figure, Heading, Paper, Paragraph, Table

WIDTH, HEIGHT = 595.0, 842.0
_MARGIN, _TOP, _BOTTOM = 48.0, 70.0, 775.0
_LIGATURES = {"ffi": "ﬃ", "fi": "ﬁ", "fl": "ﬂ"}
_NOT_FIRST = "，。；：、）%)]］】！？,.;:"
_TOKEN = re.compile(r"[^\s\u2e80-\uffef]+|[\u2e80-\ufaff\uff00-\uffef]|\s+")


class Canvas(Protocol):
    """Draws text from its baseline's left end; `y` runs downwards."""

    def width(self, text: str, bold: bool, size: float) -> float: ...
    def text(self, x: float, y: float, text: str, bold: bool, size: float) -> None: ...
    def line(self, x0: float, y0: float, x1: float, y1: float) -> None: ...
    def next_page(self) -> None: ...
    def done(self) -> bytes: ...


class NotoCanvas:
    """fpdf2 with an embedded OpenType font: Chinese, Greek and ligatures."""

    def __init__(self) -> None:
        import fpdf

        self.pdf = fpdf.FPDF(unit="pt", format=(WIDTH, HEIGHT))
        for bold in (False, True):
            self.pdf.add_font("noto", "B" if bold else "", cjk(bold))
        self.pdf.add_page()

    def _font(self, bold: bool, size: float) -> None:
        self.pdf.set_font("noto", "B" if bold else "", size)

    def width(self, text: str, bold: bool, size: float) -> float:
        self._font(bold, size)
        return float(self.pdf.get_string_width(text))

    def text(self, x: float, y: float, text: str, bold: bool, size: float) -> None:
        self._font(bold, size)
        self.pdf.text(x, y, text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pdf.line(x0, y0, x1, y1)

    def next_page(self) -> None:
        self.pdf.add_page()

    def done(self) -> bytes:
        return bytes(self.pdf.output())


class TimesCanvas:
    """reportlab with the fonts that every PDF viewer has; Latin only."""

    def __init__(self) -> None:
        from reportlab.pdfgen.canvas import Canvas as Drawn

        self.made = io.BytesIO()
        self.drawn = Drawn(self.made, pagesize=(WIDTH, HEIGHT), invariant=True)

    @staticmethod
    def _name(bold: bool) -> str:
        return "Times-Bold" if bold else "Times-Roman"

    def width(self, text: str, bold: bool, size: float) -> float:
        return float(self.drawn.stringWidth(text, self._name(bold), size))

    def text(self, x: float, y: float, text: str, bold: bool, size: float) -> None:
        self.drawn.setFont(self._name(bold), size)
        self.drawn.drawString(x, HEIGHT - y, text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.drawn.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def next_page(self) -> None:
        self.drawn.showPage()

    def done(self) -> bytes:
        self.drawn.save()
        return self.made.getvalue()


@dataclass(frozen=True)
class Style:
    size: float = 9.5
    leading: float = 12.4
    bold: bool = False
    indent: float = 0.0
    hanging: float = 0.0
    centred: bool = False
    after: float = 0.0


BODY = Style(indent=14)
SMALL = Style(8, 10, after=3)
ENTRY = Style(8, 10.2, hanging=14)


@dataclass
class Setter:
    """Sets one review; `columns` 1 or 2, `ligatures` as fonts of LaTeX have them."""

    paper: Paper
    canvas: Canvas
    columns: int = 2
    ligatures: bool = False
    page: int = 0
    column: int = 0
    y: float = _TOP
    tops: list[float] = field(default_factory=lambda: [_TOP, _TOP])
    floor: float = _BOTTOM
    waiting: list[Table | Figure] = field(default_factory=list)

    def set(self) -> bytes:
        self.furnish()
        self.front()
        for element in self.paper.body:
            if isinstance(element, Heading):
                self.room(40)
                self.y += 8
                size = 12.0 if element.level == 1 else 10.5
                numbered = f"{element.number} {element.title}"
                self.put(numbered, Style(size, size + 3, bold=True, after=3))
            elif isinstance(element, Paragraph):
                if element.note:
                    self.note(element.note)
                joint = "" if self.paper.language == "zh" else " "
                self.put(joint.join(element.sentences), BODY)
            else:
                self.waiting.append(element)
        while self.waiting:
            self.next_column()
        self.room(40)
        self.y += 8
        head = "参考文献" if self.paper.language == "zh" else "References"
        self.put(head, Style(12, 15, bold=True, after=3))
        for entry in self.paper.references:
            self.put(entry, ENTRY)
        return self.canvas.done()

    # the page

    @property
    def left(self) -> float:
        return _MARGIN + self.column * (self.measure + 18)

    @property
    def measure(self) -> float:
        return (WIDTH - 2 * _MARGIN - 18 * (self.columns - 1)) / self.columns

    def furnish(self) -> None:
        """Draw running head and page number."""
        paper, number = self.paper, self.paper.first_page + self.page
        if self.page == 0:
            head = (
                f"{paper.journal} {paper.year} 年 9 月第 {paper.volume} 卷第 {paper.issue} 期"
                if paper.language == "zh"
                else f"{paper.journal} {paper.year};{paper.volume}({paper.issue}):{number}-{number + 8}"
            )
            self.canvas.text(_MARGIN, 40, head, False, 8)
            self.canvas.text(_MARGIN, 52, f"doi: {paper.doi}", False, 8)
        elif self.page % 2:
            self.canvas.text(_MARGIN, 44, f"{paper.authors[0]} et al. {paper.journal}", False, 8)
        else:
            self.canvas.text(_MARGIN, 44, paper.title, False, 8)
        self.canvas.line(_MARGIN, 56, WIDTH - _MARGIN, 56)
        self.canvas.text(WIDTH / 2 - 8, 805, str(number), False, 9)

    def front(self) -> None:
        paper, zh = self.paper, self.paper.language == "zh"
        columns, self.columns = self.columns, 1
        self.put(paper.title, Style(16, 20, bold=True, centred=True, after=8))
        self.put(", ".join(paper.authors), Style(11, 14, centred=True, after=4))
        where = (
            "某医院骨科，北京 100000"
            if zh
            else "Department of Orthopaedics, A Hospital, Beijing, China"
        )
        self.put(where, Style(8, 10, centred=True, after=8))
        joint = "" if zh else " "
        self.put(
            ("摘要：" if zh else "Abstract: ") + joint.join(paper.abstract), Style(9, 11.5, after=4)
        )
        words = "；".join(paper.keywords) if zh else "; ".join(paper.keywords)
        self.put(("关键词：" if zh else "Keywords: ") + words, Style(9, 11.5, after=10))
        self.columns = columns
        self.tops = [self.y, self.y]
        self.column = 0

    def next_column(self) -> None:
        self.column += 1
        if self.column == self.columns:
            self.canvas.next_page()
            self.page += 1
            self.column = 0
            self.tops = [_TOP, _TOP]
            self.furnish()
            if self.columns == 2 and self.waiting and self.page % 2:
                self.y, self.columns = _TOP, 1
                self.place(self.waiting.pop(0))
                self.columns = 2
                self.tops = [self.y + 6] * 2
        self.y, self.floor = self.tops[self.column], _BOTTOM
        while self.waiting and self.y < 300:
            self.place(self.waiting.pop(0))

    def room(self, needed: float) -> None:
        if self.y + needed > self.floor:
            self.next_column()

    def place(self, item: Table | Figure) -> None:
        """Set a table or figure where the column stands; the caption above or below it."""
        if isinstance(item, Table):
            self.put(item.caption, SMALL, moving=False)
            self.y += 7
            self.table(item)
        else:
            self.y += 6
            left, right = self.left, self.left + self.measure
            self.canvas.line(left + 20, self.y, right - 20, self.y + 60)
            self.canvas.line(left + 20, self.y + 60, right - 60, self.y + 10)
            self.y += 76
            self.put(item.caption, SMALL, moving=False)
        self.y += 12

    def table(self, table: Table) -> None:
        """Three rules, no standing lines: as medical journals set tables."""
        width = self.measure / len(table.rows[0])
        self.canvas.line(self.left, self.y - 6, self.left + self.measure, self.y - 6)
        for at, row in enumerate(table.rows):
            self.y += 4
            for place, cell in enumerate(row):
                self.canvas.text(self.left + 4 + place * width, self.y, cell, False, 8)
            self.y += 8
            if at == 0:
                self.canvas.line(self.left, self.y - 5, self.left + self.measure, self.y - 5)
                self.y += 3
        self.canvas.line(self.left, self.y - 4, self.left + self.measure, self.y - 4)
        self.y += 6

    def note(self, note: str) -> None:
        """Set a footnote at the foot of this column, under a short rule, if it has the room."""
        style = Style(7.5, 9)
        lines = list(self.lines(note, style))
        height = len(lines) * style.leading + 8
        self.room(height + 40)
        y, floor = self.y, self.floor
        self.y = floor - height + 14
        self.canvas.line(self.left, self.y - 11, self.left + 60, self.y - 11)
        for line in lines:
            self.draw(line, style, False)
        self.y, self.floor = y, floor - height - 4

    # paragraphs

    def put(self, text: str, style: Style, moving: bool = True) -> None:
        lines = list(self.lines(text, style))
        for at, line in enumerate(lines):
            if moving:
                self.room(style.leading - 3)
            self.draw(line, style, at == 0, justified=at + 1 < len(lines))
        self.y += style.after

    def draw(self, line: list[str], style: Style, first: bool, justified: bool = False) -> None:
        indent = style.indent if first else style.hanging
        widths = [self.width(token, style) for token in line]
        spare = self.measure - indent - sum(widths)
        x = self.left + indent
        if style.centred:
            x += spare / 2
        gaps = (
            sum(token.isspace() for token in line) if self.paper.language == "en" else len(line) - 1
        )
        extra = spare / gaps if justified and not style.centred and gaps else 0.0
        self.y += style.leading - 3
        for token, width in zip(line, widths, strict=True):
            self.token(x, token, style)
            x += width + (extra if token.isspace() or self.paper.language == "zh" else 0)
        self.y += 3

    def token(self, x: float, token: str, style: Style) -> None:
        for part, raised in self.parts(token):
            size = style.size * (0.65 if raised else 1)
            if not part.isspace():
                rise = 0.36 * style.size if raised else 0
                self.canvas.text(x, self.y - rise, part, style.bold, size)
            elif self.paper.language == "en":
                self.canvas.text(x, self.y, " ", style.bold, size)
            x += self.canvas.width(part, style.bold, size)

    def width(self, token: str, style: Style) -> float:
        return sum(
            self.canvas.width(part, style.bold, style.size * (0.65 if raised else 1))
            for part, raised in self.parts(token)
        )

    def parts(self, token: str) -> Iterator[tuple[str, bool]]:
        raised = False
        for part in re.split(f"([{RAISE}{LOWER}])", token):
            if part in (RAISE, LOWER):
                raised = part == RAISE
            elif part:
                if self.ligatures and not raised:
                    for letters, ligature in _LIGATURES.items():
                        part = part.replace(letters, ligature)
                yield part, raised

    def lines(self, text: str, style: Style) -> Iterator[list[str]]:
        """Break a text into lines of tokens: words, single Chinese characters, spaces."""
        line: list[str] = []
        left = self.measure - style.indent
        tokens = _glued(_TOKEN.findall(text))
        while tokens:
            token = tokens.pop(0)
            width = self.width(token, style)
            if width > left and not token.isspace() and line:
                head = self.head(token, style, left)
                if head:
                    line.append(head + ("" if head.endswith("-") else "-"))
                    tokens.insert(0, token[len(head) :])
                else:
                    tokens.insert(0, token)
                if line[-1].isspace():
                    line.pop()
                yield line
                line, left = [], self.measure - style.hanging
            elif line or not token.isspace():
                line.append(token)
                left -= width
        yield line

    def head(self, word: str, style: Style, left: float) -> str:
        """Return the part of a word that still fits before a hyphen, broken after a vowel."""
        if self.paper.language == "zh" or RAISE in word:
            return ""
        own = word.find("-") + 1
        if 3 < own < len(word) - 2 and self.width(word[:own], style) <= left:
            return word[:own]
        if not re.fullmatch(r"[a-z]{8,}[,.;]?", word):
            return ""
        for at in range(len(word) - 4, 3, -1):
            if re.match(r"[aeiou][^aeiou][aeiou]", word[at - 1 :]) and (
                self.width(word[:at] + "-", style) <= left
            ):
                return word[:at]
        return ""


def _glued(tokens: list[str]) -> list[str]:
    """Keep together what no line may begin with, and a superscript with its word."""
    glued: list[str] = []
    depth = 0
    for token in tokens:
        if glued and (depth or token[0] in _NOT_FIRST or token[0] == RAISE) and not token.isspace():
            glued[-1] += token
        else:
            glued.append(token)
        depth += token.count(RAISE) - token.count(LOWER)
    return glued


def pdf(paper: Paper, columns: int = 2, ligatures: bool = False, times: bool = False) -> bytes:
    """Return a review set as a PDF; `times` for one without embedded fonts (Latin only)."""
    canvas: Canvas = TimesCanvas() if times else NotoCanvas()
    return Setter(paper, canvas, columns, ligatures).set()
