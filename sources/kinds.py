"""What kind of file this is, told by its content, since names lie."""

from __future__ import annotations

import re

from .archives import Archive
from .errors import SourceError

_PDF_WITHIN = 1024
_HEAD = 4096
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_JATS = re.compile(rb"<article\b|<!doctype\s+article\b|<pmc-articleset\b", re.I)
_XML = re.compile(rb"\s*<(?:\?xml|!DOCTYPE)\b", re.I)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_WRONG = {
    b"\xd0\xcf\x11\xe0": "这是旧式或加密的 Office 文件，请另存为不加密的 .docx / an old or encrypted Office "
    "file; save it as a .docx without a password",
    b"{\\rtf": "这是 RTF，请另存为 .docx / this is RTF; save it as .docx",
    b"Rar!": "这是 RAR，请解压后添加 / this is a RAR archive; unpack it and add the files",
    b"7z\xbc\xaf": "这是 7z，请解压后添加 / this is a 7z archive; unpack it and add the files",
    b"\x1f\x8b": "这是 gzip，请解压后添加 / this is a gzip archive; unpack it and add the files",
    b"\x89PNG": "这是图片，请先做文字识别 / this is an image; run OCR on it first",
    b"\xff\xd8\xff": "这是图片，请先做文字识别 / this is an image; run OCR on it first",
}
_PARTS = {"word/document.xml": ".docx", "META-INF/container.xml": ".epub"}
_OFFICE = ("xl/workbook.xml", "ppt/presentation.xml")


def kind(data: bytes, suffix: str, name: str) -> str:
    """Return the suffix that a file's content deserves; its own where the content does not say.

    `.xml` is left to the reader of JATS. Raises SourceError for a kind that is known but cannot
    be read, naming the cure.
    """
    for start, said in _WRONG.items():
        if data.startswith(start):
            raise SourceError(f"{name}: {said}")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(data, name)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return ".pdf"
    head = data[:_HEAD]
    if head.startswith(_MARKS):
        head = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")
    if _HTML.match(head) and suffix not in (".md", ".markdown"):
        return ".html"
    if _XML.match(head) and _JATS.search(head):
        return ".xml"
    return suffix


def _kind_of_zip(data: bytes, name: str) -> str:
    names = set(Archive(data, name).names)
    for part, suffix in _PARTS.items():
        if part in names:
            return suffix
    if names.intersection(_OFFICE):
        raise SourceError(
            f"{name}: 这是表格或幻灯片，请导出为 PDF / a spreadsheet or slides; export it as PDF"
        )
    return ".zip"
