"""Broken files and files made to do harm: one clear line each, soon, and the rest is read."""

from __future__ import annotations

import io
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from sources import Item, SourceError, read_bytes, read_file, walk
from sources.formats.pdf.reader import MAX_PAGES
from sources.reading import MAX_FILE_BYTES

from .papers import latin, paper
from .rendering import epub, html, jats, word
from .typesetting import pdf

PROSE = (
    "Bone loss is common in chronic liver disease. It is worst three months after transplantation."
)


def drawn(*pages: str, **options: object) -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, invariant=True, **options)
    for page in pages:
        for at, line in enumerate(page.split("\n")):
            canvas.drawString(72, 720 - 14 * at, line)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", ".").replace("|", "/"), data)
    return made.getvalue()


def bomb(name: str, megabytes: int) -> bytes:
    """Return an archive with a member of zeros, which packs to a thousandth."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w") as out,
    ):
        for _ in range(megabytes):
            out.write(bytes(2**20))
    return made.getvalue()


def claiming(size: int) -> bytes:
    """Return an archive whose only member says that it unpacks to `size` bytes."""
    data = bytearray(zipped(a_txt=PROSE.encode()))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(data)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<article><body><p>It &d; so.</p></body></article>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<article><body><p>Secret: &a; is shown.</p></body></article>"""
PARAMETER = b"""<?xml version="1.0"?><!DOCTYPE article [<!ENTITY % a SYSTEM "http://192.0.2.1/x.dtd"> %a;]>
<article><body><p>Bone loss is common.</p></body></article>"""

REFUSED: list[tuple[str, str, Callable[[], bytes]]] = [
    ("cut.pdf", "damaged", lambda: pdf(latin(paper("en", 3)), times=True)[:3000]),
    ("empty.pdf", "damaged", lambda: b"%PDF-1.7\n"),
    ("locked.pdf", "password", lambda: drawn(PROSE, encrypt=StandardEncryption("secret"))),
    ("scan.pdf", "OCR", lambda: drawn("")),
    ("long.pdf", f"at most {MAX_PAGES} are read", lambda: drawn(*["x"] * (MAX_PAGES + 1))),
    ("cut.docx", "damaged", lambda: word(paper("en", 3))[:2000]),
    ("cut.epub", "damaged", lambda: epub(paper("en", 3))[:2000]),
    ("cut.xml", "malformed", lambda: jats(paper("en", 3))[:2000]),
    ("cut.zip", "damaged", lambda: zipped(a_txt=b"x" * 999)[:60]),
    ("laughs.xml", "entity", lambda: LAUGHS),
    ("outside.xml", "entity", lambda: OUTSIDE),
    ("other.xml", "JATS", lambda: b"<?xml version='1.0'?><note>Bone.</note>"),
    ("bomb.docx", "too much", lambda: bomb("word/document.xml", 400)),
    ("bomb.epub", "too much", lambda: bomb("META-INF/container.xml", 400)),
    ("old.docx", "password", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
    ("sheet.docx", "spreadsheet", lambda: zipped(**{"xl|workbook_xml": b"<x/>"})),
    ("rich.docx", "RTF", lambda: b"{\\rtf1 Bone.}"),
    ("picture.pdf", "OCR", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99)),
    ("papers.docx", "archive", lambda: zipped(a_txt=PROSE.encode())),
    ("nul.html", "not a text file", lambda: b"<html><body><p>Bone\0loss.</p></body></html>"),
    ("empty.html", "no sentence", lambda: b"<html><body></body></html>"),
    ("text.docx", "damaged", lambda: PROSE.encode()),
    ("deep.xml", "malformed", lambda: b"<article>" + b"<sec>" * 9999),
]


@pytest.mark.parametrize(("name", "said", "make"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_cannot_be_read_gives_one_line_soon(
    tmp_path: Path, name: str, said: str, make: Callable[[], bytes]
) -> None:
    file = tmp_path / name
    file.write_bytes(make())
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(SourceError, match=said) as error:
        read_file(file)
    assert time.monotonic() - started < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


READ: list[tuple[str, Callable[[], bytes]]] = [
    ("pdf.txt", lambda: drawn(PROSE)),
    ("no-suffix", lambda: drawn(PROSE)),
    ("word.pdf", lambda: word(paper("en", 3))),
    ("book.docx", lambda: epub(paper("en", 3))),
    ("page.xml", lambda: html(paper("en", 3))),
    ("article.html", lambda: jats(paper("en", 3))),
    ("mark.html", lambda: b"\xef\xbb\xbf" + html(paper("zh", 3))),
]


@pytest.mark.parametrize(("name", "make"), READ, ids=[name for name, _ in READ])
def test_a_wrong_name_does_not_matter(name: str, make: Callable[[], bytes]) -> None:
    assert len(read_bytes(make(), Path(name)).sentences) > 1


def test_a_dtd_from_elsewhere_is_not_asked_for() -> None:
    review = read_bytes(PARAMETER, Path("a.xml"))
    assert [sentence.text for sentence in review.sentences] == ["Bone loss is common."]


def test_a_file_of_a_gigabyte_is_not_loaded(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(SourceError, match="at most 512 MB"):
        read_file(tmp_path / "big.txt")


def told(path: Path) -> tuple[list[str], list[str]]:
    """Return the names that a walk finds, and what it says of the others."""
    found = list(walk([path]))
    names = [item.path.relative_to(path).as_posix() for item in found if isinstance(item, Item)]
    return names, [str(error) for error in found if isinstance(error, SourceError)]


ARCHIVES: list[tuple[str, Callable[[], bytes], str]] = [
    ("bomb.zip", lambda: bomb("a.txt", 400), "too much"),
    ("claims.zip", lambda: claiming(2**30), "too much"),
    ("short.zip", lambda: claiming(10), "damaged"),
    (
        "nested.zip",
        lambda: zipped(b_zip=zipped(c_zip=zipped(a_txt=PROSE.encode()))),
        "within archives",
    ),
    ("none.zip", lambda: zipped(a_exe=b"MZ"), "no file that can be read"),
    ("empty.zip", lambda: zipped(), "no file that can be read"),
]


@pytest.mark.parametrize(("name", "make", "said"), ARCHIVES, ids=[name for name, _, _ in ARCHIVES])
def test_a_bad_archive_gives_one_line_and_the_rest_goes_in(
    tmp_path: Path, name: str, make: Callable[[], bytes], said: str
) -> None:
    (tmp_path / name).write_bytes(make())
    (tmp_path / "z.txt").write_text(PROSE, "utf-8")
    names, errors = told(tmp_path)
    assert names == ["z.txt"]
    assert len(errors) == 1
    assert said in errors[0]
    assert "\n" not in errors[0]


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    data = bytearray(zipped(a_txt=PROSE.encode()))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert "password" in told(tmp_path)[1][0]


def test_a_member_cannot_leave_its_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(**{"..|..|etc|a_txt": PROSE.encode()}))
    assert told(tmp_path) == (["a.zip/etc/a.txt"], [])


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.archives.MAX_MEMBERS", 2)
    (tmp_path / "a.zip").write_bytes(zipped(a_txt=b"1", b_txt=b"2", c_txt=b"3"))
    assert "more than 2 members" in told(tmp_path)[1][0]


@pytest.mark.parametrize(
    "words",
    [
        "Bone loss 😀 is common in 𝒙 of 10.",
        "العظام تضعف مع العمر.",
        "אובדן עצם שכיח מאוד.",
        "骨𠮷丢失很常见。",
    ],
)
@pytest.mark.parametrize("kind", ["html", "xml", "docx", "txt"])
def test_any_script(words: str, kind: str) -> None:
    made = {
        "html": f"<html><meta charset=utf-8><p>{words}</p></html>".encode(),
        "xml": f"<article><body><p>{words}</p></body></article>".encode(),
        "docx": b"",
        "txt": words.encode(),
    }
    if kind == "docx":
        import docx

        document, out = docx.Document(), io.BytesIO()
        document.add_paragraph(words)
        document.save(out)
        made["docx"] = out.getvalue()
    assert [each.text for each in read_bytes(made[kind], Path(f"a.{kind}")).sentences] == [words]
