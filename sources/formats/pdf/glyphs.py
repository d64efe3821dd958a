"""What stands on a page: its characters in runs, and its rules, through PDFium.

Lengths are in points, from the page's top left corner, as the page is read: a page of turned text
is turned upright first.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import pypdfium2
from pypdfium2 import raw as pdfium

from ...characters import is_chinese

MAX_SHAPES = 5000
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|simhei|heiti|[-_]b\b", re.I)
_BOLD_WEIGHT = 600
_INVISIBLE = 3
_LINE_END_HYPHENS = (2, 0xFFFE)
"""What PDFium makes of a hyphen at the end of a line."""
_THIN = 3.0
_BOX_SEGMENTS = 4
_SHARE = 0.15
"""Of the characters of a run: fewer are a large initial, the others may be superscripts."""
_WIDE_GAP = 1.0
"""In ems: a gap wider than this may part columns or cells."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: its box `[x0, x1)`, its baseline, its size; `turned` runs another way."""

    char: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    turned: bool
    unseen: bool


@dataclass(slots=True)
class Run:
    """Characters of one line with no wide gap among them, in the order they are read.

    A table stands among the runs as one without characters; `table` holds its rows of cells.
    """

    glyphs: list[Glyph]
    x0: float = 0.0
    x1: float = 0.0
    base: float = 0.0
    size: float = 0.0
    table: list[list[str]] | None = None

    def measure(self) -> Run:
        """Set its box, baseline and size: those of the largest that are no mere initial."""
        seen = [glyph for glyph in self.glyphs if glyph.char != " "]
        self.x0 = min(glyph.x0 for glyph in seen)
        self.x1 = max(glyph.x1 for glyph in seen)
        sizes = Counter(glyph.size for glyph in seen)
        self.size = max(size for size, count in sizes.items() if count >= _SHARE * len(seen))
        bases = Counter(round(glyph.base, 1) for glyph in seen if glyph.size == self.size)
        self.base = bases.most_common(1)[0][0]
        return self

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)

    @property
    def bold(self) -> bool:
        letters = [glyph.bold for glyph in self.glyphs if glyph.char.isalnum()]
        return bool(letters) and all(letters)


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin straight line or the edge of a box, lying or standing."""

    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def lies(self) -> bool:
        return self.x1 - self.x0 > self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its size, its text in runs, what it shows in no readable way, its rules."""

    width: float
    height: float
    runs: list[Run]
    hidden: list[Run]
    rules: list[Rule]


def read_sheet(page: pypdfium2.PdfPage) -> Sheet:
    """Read a page; text that runs another way than most of it, or shows nothing, is hidden.

    Where nearly all of it is invisible, it is the text layer of a scan, and is read.
    """
    left, bottom, right, top = page.get_bbox()
    glyphs, angle = _glyphs(page, (left, bottom, right, top))
    width, height = right - left, top - bottom
    if angle in (1, 3):
        width, height = height, width
    seen = [glyph for glyph in glyphs if not glyph.turned]
    is_scan = sum(glyph.unseen for glyph in seen) > 0.8 * len(seen)
    runs: list[Run] = []
    hidden: list[Run] = []
    for run in _runs(glyphs):
        first = run.glyphs[0]
        away = run.x1 < 0 or run.x0 > width or run.base < 0 or run.base - run.size > height
        dropped = first.turned or away or (first.unseen and not is_scan)
        (hidden if dropped else runs).append(run)
    rules = [] if angle else _rules(page, left, top)
    return Sheet(width, height, runs, hidden, rules)


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    bold: bool
    unseen: bool
    angle: int | None


def _glyphs(
    page: pypdfium2.PdfPage, box: tuple[float, float, float, float]
) -> tuple[list[Glyph], int]:
    """Return the characters of a page turned upright, and by how many quarters they were turned."""
    text = page.get_textpage()
    try:
        found = list(_characters(text))
    finally:
        text.close()
    angles = Counter(style.angle for char, *_, style in found if char != " ")
    angle = angles.most_common(1)[0][0] if angles else None
    upright = angle or 0
    return [_upright(*each, upright, box) for each in found], upright


_Place = tuple[float, float, float, float, float, float]


def _characters(text: pypdfium2.PdfTextPage) -> Iterator[tuple[str, _Place, _Style]]:
    """Yield each character, `(left, bottom, right, top, x, y)` as PDFium places it, its style."""
    loose, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    styles: dict[int, _Style] = {}
    half = 0
    for at in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if code in (0, 10, 13):
            continue
        if 0xD800 <= code < 0xDC00:
            half = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00) if half else 0xFFFD
        half = 0
        thing = pdfium.FPDFText_GetTextObject(text, at)
        key = ctypes.cast(thing, ctypes.c_void_p).value or 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(text, at, thing if key else None)
        pdfium.FPDFText_GetLooseCharBox(text, at, loose)
        pdfium.FPDFText_GetCharOrigin(text, at, x, y)
        place = (loose.left, loose.bottom, loose.right, loose.top, x.value, y.value)
        char = "-" if code in _LINE_END_HYPHENS else chr(code)
        yield (" " if char.isspace() else char), place, style


def _style(text: pypdfium2.PdfTextPage, at: int, thing: object | None) -> _Style:
    """Read what all characters of one text object share."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, at, matrix)
    size = pdfium.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
    turn = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    angle = round(turn) % 4 if abs(turn - round(turn)) < 0.05 else None
    name = ctypes.create_string_buffer(256)
    pdfium.FPDFText_GetFontInfo(text, at, name, 256, ctypes.c_int())
    bold = pdfium.FPDFText_GetFontWeight(text, at) >= _BOLD_WEIGHT
    bold = bold or bool(_BOLD.search(name.value.decode("utf-8", "replace")))
    unseen = thing is not None and pdfium.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
    return _Style(round(size, 1) or 1.0, bold, unseen, angle)


def _upright(
    char: str, place: _Place, style: _Style, angle: int, box: tuple[float, float, float, float]
) -> Glyph:
    left, bottom, right, top = box
    x0, y0, x1, y1, x, y = place
    first, last, base = (
        (x0 - left, x1 - left, top - y),
        (y0 - bottom, y1 - bottom, x - left),
        (right - x1, right - x0, y - bottom),
        (top - y1, top - y0, right - x),
    )[angle]
    turned = style.angle != angle and char != " "
    return Glyph(char, first, last, base, style.size, style.bold, turned, style.unseen)


def _runs(glyphs: list[Glyph]) -> Iterator[Run]:
    """Put characters together while they follow on one another on one line."""
    run: list[Glyph] = []
    spaced = False
    for glyph in glyphs:
        if glyph.char == " ":
            spaced = bool(run)
            continue
        if run and not _follows(run[-1], glyph):
            yield Run(run).measure()
            run, spaced = [], False
        if spaced or (run and _is_apart(run[-1], glyph)):
            run.append(replace(run[-1], char=" "))
        run.append(glyph)
        spaced = False
    if run:
        yield Run(run).measure()


def _follows(before: Glyph, glyph: Glyph) -> bool:
    if before.turned != glyph.turned or before.unseen != glyph.unseen:
        return False
    if glyph.turned or glyph.x0 == before.x0:  # two letters of one ligature share its box
        return True
    size = max(before.size, glyph.size)
    if abs(before.base - glyph.base) > 0.6 * size:
        return False
    forwards, backwards = glyph.x0 - before.x1, before.x0 - glyph.x1
    return -0.5 * size < forwards < _WIDE_GAP * size or -0.5 * size < backwards < 0.5 * size


def _is_apart(before: Glyph, glyph: Glyph) -> bool:
    """Tell whether a word ends here although the file holds no space."""
    return (
        not glyph.turned
        and glyph.x0 - before.x1 > 0.25 * max(before.size, glyph.size)
        and not (is_chinese(before.char) or is_chinese(glyph.char))
    )


def _rules(page: pypdfium2.PdfPage, left: float, top: float) -> list[Rule]:
    """Return the thin lines of a page, and the edges of its boxes."""
    found: list[Rule] = []
    for shape in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]), MAX_SHAPES):
        x0, y0, x1, y1 = shape.get_bounds()
        box = Rule(x0 - left, x1 - left, top - y1, top - y0)
        wide, high = box.x1 - box.x0, box.bottom - box.top
        if min(wide, high) < _THIN < max(wide, high):
            found.append(box)
        elif min(wide, high) >= _THIN and pdfium.FPDFPath_CountSegments(shape.raw) >= _BOX_SEGMENTS:
            found.append(Rule(box.x0, box.x1, box.top, box.top))
            found.append(Rule(box.x0, box.x1, box.bottom, box.bottom))
    return found
