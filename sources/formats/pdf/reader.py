"""From the bytes of a PDF to its characters in reading order, and the blocks they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2
from pypdfium2 import raw as pdfium

from ...errors import SourceError
from ...extract import Block, Extract, Kind
from .columns import in_reading_order, usual_gutter
from .drafts import Body, Draft, drafts
from .glyphs import Run, Sheet, read_sheet
from .margins import Margin, margins
from .record import record_of
from .rows import Row, leading
from .sorting import sort_out, title
from .tables import with_tables

MAX_PAGES = 2000
MAX_CHARACTERS = 5_000_000
_BODY_SHARE = 0.3


def read_pdf(data: bytes, name: str) -> Extract:
    """Read the text layer of a PDF.

    Raises SourceError for a file that is broken, has a password, too many pages, or no text layer
    (a scan).
    """
    document = _open(data, name)
    try:
        if len(document) > MAX_PAGES:
            raise SourceError(
                f"{name}: 有 {len(document)} 页，最多读 {MAX_PAGES} 页，请分开 / {len(document)} pages, at most "
                f"{MAX_PAGES} are read; split it"
            )
        sheets = list(_sheets(document, name))
        own_labels = [document.get_page_label(page) or None for page in range(len(document))]
        metadata = document.get_metadata_dict()
    finally:
        document.close()
    if not any(sheet.runs for sheet in sheets):
        raise SourceError(
            f"{name}: 没有文字层（多半是扫描件），请先做文字识别（OCR）/ no text layer, most likely a scan; "
            "run OCR on it first"
        )
    furniture = margins(sheets)
    runs = [_prose(sheet, margin) for sheet, margin in zip(sheets, furniture, strict=True)]
    gutter = usual_gutter(runs)
    pages = [list(in_reading_order(each, at, gutter)) for at, each in enumerate(runs)]
    body = _body(pages)
    found = drafts(pages, [sheet.rules for sheet in sheets], body)
    sort_out(found, body)
    writer = _Writer(found)
    for sheet, margin, rows in zip(sheets, furniture, pages, strict=True):
        writer.page(rows, margin.runs, sheet.hidden)
    heading = title(found, body)
    return Extract(
        writer.raw,
        pages=tuple(writer.pages),
        labels=_labels(own_labels, [margin.number for margin in furniture]),
        blocks=tuple(writer.blocks()),
        superscripts=tuple(writer.superscripts),
        record=record_of(metadata, heading.text if heading else None, sheets[0], furniture[0].runs),
    )


def _open(data: bytes, name: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
            raise SourceError(
                f"{name}: 设有打开密码，请先去掉密码 / it has a password; remove it first"
            ) from None
        raise SourceError(
            f"{name}: PDF 损坏或不完整，请重新获取 / the PDF is damaged or cut short; get it again"
        ) from None


def _sheets(document: pypdfium2.PdfDocument, name: str) -> Iterator[Sheet]:
    characters = 0
    for at in range(len(document)):
        try:
            page = document[at]
        except pypdfium2.PdfiumError:
            raise SourceError(
                f"{name}: 第 {at + 1} 页损坏，请重新获取 / page {at + 1} is damaged; get the file again"
            ) from None
        sheet = read_sheet(page)
        page.close()
        characters += sum(len(run.glyphs) for run in sheet.runs)
        if characters > MAX_CHARACTERS:
            raise SourceError(
                f"{name}: 文字太多（超过 {MAX_CHARACTERS} 字），请分开 / more than {MAX_CHARACTERS} characters; split it"
            )
        yield sheet


def _prose(sheet: Sheet, margin: Margin) -> list[Run]:
    """Return what a page holds besides furniture, each table as one."""
    dropped = set(map(id, margin.runs))
    return with_tables(sheet, [run for run in sheet.runs if id(run) not in dropped])


def _body(pages: Sequence[Sequence[Row]]) -> Body:
    """Return how the running text is set; a long reference list is often set smaller."""
    sizes: Counter[float] = Counter()
    for listed in pages:
        for row in listed:
            if not row.table:
                sizes[row.size] += len(row.text)
    most = max(sizes.values(), default=0)
    size = max((size for size, count in sizes.items() if count >= _BODY_SHARE * most), default=10.0)
    usual = [row for listed in pages for row in listed if not row.table and row.size == size]
    return Body(size, leading(usual) or 1.2 * size)


def _labels(own: Sequence[str | None], printed: Sequence[str | None]) -> tuple[str | None, ...]:
    """Return the file's own page labels if they say more than the count of pages, else the printed."""
    counted = [str(page + 1) for page in range(len(own))]
    if any(own) and list(own) != counted:
        return tuple(own)
    return tuple(printed) if any(printed) else ()


class _Writer:
    """Writes the raw text page by page, and notes where each draft's rows come to stand."""

    def __init__(self, found: Sequence[Draft]) -> None:
        self.pages: list[int] = []
        self.superscripts: list[tuple[int, int]] = []
        self._parts: list[str] = []
        self._at = 0
        self._found = found
        self._draft = {id(row): at for at, draft in enumerate(found) for row in draft.rows}
        self._pieces: list[list[tuple[int, int]]] = [[] for _ in found]
        self._aside: list[Block] = []

    def page(self, rows: Sequence[Row], furniture: Sequence[Run], hidden: Sequence[Run]) -> None:
        """Write one page: its rows, then what is set aside of it."""
        if self.pages:
            self._write("\f")
        self.pages.append(self._at)
        before: int | None = None
        for row in rows:
            draft = self._draft[id(row)]
            if before is not None and before != draft:
                self._write("\n")
            before = draft
            self._pieces[draft] += self._table(row) if row.table else self._row(row)
            self._write("\n")
        kinds: list[tuple[Kind, Sequence[Run]]] = [("furniture", furniture), ("hidden", hidden)]
        for kind, runs in kinds:
            for run in runs:
                self._write("\n")
                start = self._at
                self._write(run.text.strip())
                self._aside.append(Block(kind, ((start, self._at),)))
                self._write("\n")

    @property
    def raw(self) -> str:
        return "".join(self._parts)

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in reading order, and at the end what is set aside."""
        for draft, pieces in zip(self._found, self._pieces, strict=True):
            yield Block(draft.kind, tuple(pieces), draft.level)
        yield from self._aside

    def _row(self, row: Row) -> list[tuple[int, int]]:
        start = self._at
        for text, raised in row.parts:
            at = self._at
            self._write(text)
            if raised and text.strip():
                self.superscripts.append((at, at + len(text.rstrip())))
        return [(start, self._at)]

    def _table(self, row: Row) -> list[tuple[int, int]]:
        cells: list[tuple[int, int]] = []
        for listed in row.table or ():
            for at, cell in enumerate(filter(None, listed)):
                self._write("\t" if at else "\n" if cells else "")
                cells.append((self._at, self._at + len(cell)))
                self._write(cell)
        return cells

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._at += len(text)
