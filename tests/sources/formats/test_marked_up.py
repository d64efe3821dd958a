"""What files with marks say of themselves, and what they come with besides text."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml

from sources import Record, Review, SourceError, read_bytes

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def page(html: str, encoding: str = "utf-8") -> Review:
    return read_bytes(html.encode(encoding), Path("page.html"))


def said(review: Review) -> list[str]:
    return [sentence.text for sentence in review.sentences]


@pytest.mark.parametrize("named", ["gb2312", "GBK", "gb18030", "big5", "utf-8"])
def test_a_page_names_its_encoding(named: str) -> None:
    assert said(page(f'<html><meta charset="{named}"><p>骨折。</p></html>', named)) == ["骨折。"]


def test_a_page_without_an_encoding_or_with_a_wrong_one() -> None:
    words = "维生素缺乏会导致骨质疏松，骨折的风险随着年龄增加而上升。"
    for start in ("<html>", '<html><meta charset="ascii">', '<html><meta charset="nonsense">'):
        assert said(page(f"{start}<p>{words}</p></html>", "gb18030")) == [words]


def test_what_a_page_shows_is_what_is_read() -> None:
    review = page(
        """<html><body><div class="navbar">Home.</div><article><h1>Bone</h1>Loose words.
        <p>It is <b>com</b>mon<sup>13</sup>.<br>Really&nbsp;so &lt;b&gt;.</p>
        <p style="display: none">Not shown.</p><p hidden>Nor this.</p>
        <table><tr><td>a</td><td>b <p>c</p></td></tr></table><ul><li>One.<ul><li>Two.</li></ul></li></ul>
        </article><p>Outside the article.</p></body></html>"""
    )
    assert said(review) == [
        "Loose words.", "It is common13.", "Really so <b>.", "a b c", "One.", "Two."
    ]  # fmt: skip
    assert review.title == "Bone"


def test_a_given_record_wins_over_what_is_found() -> None:
    html = '<html><meta name="citation_title" content="Found"><meta name="citation_doi" content="10.1/x"><p>Bone.</p>'
    found = read_bytes(html.encode(), Path("a.html")).record
    assert (found.title, found.title_assigned, found.doi) == ("Found", False, "10.1/x")
    given = read_bytes(html.encode(), Path("a.html"), Record(authors=("Li",), year=2020)).record
    assert (given.title, given.title_assigned) == ("Found", False)
    assert (given.authors, given.year, given.doi) == (("Li",), 2020, "10.1/x")
    told = read_bytes(html.encode(), Path("a.html"), Record("Given", doi="10.2/y")).record
    assert (told.title, told.title_assigned, told.doi) == ("Given", True, "10.2/y")
    assert read_bytes(b"Bone.", Path("b.txt")).record == Record("b")


def test_jats_entities_of_html_are_characters_and_inline_parts_stay_in_line() -> None:
    article = b"""<?xml version="1.0"?><!DOCTYPE article SYSTEM "JATS.dtd"><article><body>
    <p>TNF&alpha; is <italic>raised</italic> <xref>[13]</xref><!-- no --> in CO<sub>2</sub>&#8212;rich
    air.<fn><p>A remark.</p></fn></p></body></article>"""
    review = read_bytes(article, Path("a.xml"))
    assert said(review) == ["TNFα is raised [13] in CO2—rich air."]
    assert [each.reason for each in review.set_aside] == ["footnote"]


def test_word_shows_what_the_finished_document_has() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Bone is ")
    for mark in (
        f'<w:ins {W} w:id="1" w:author="a"><w:r><w:t>very </w:t></w:r></w:ins>',
        f'<w:del {W} w:id="2" w:author="a"><w:r><w:delText>not </w:delText></w:r></w:del>',
        f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t>secretly </w:t></w:r>",
        f"<w:hyperlink {W}><w:r><w:t>strong</w:t></w:r></w:hyperlink>",
        f"<w:r {W}><w:noBreakHyphen/><w:t>ish.</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(mark))
    out = io.BytesIO()
    document.save(out)
    assert said(read_bytes(out.getvalue(), Path("a.docx"))) == ["Bone is very strong-ish."]


def test_a_title_that_word_made_up_is_not_believed() -> None:
    document = docx.Document()
    document.core_properties.title = "Normal.dotm"
    document.core_properties.author = "Administrator"
    document.add_paragraph("Bone is lost.")
    out = io.BytesIO()
    document.save(out)
    record = read_bytes(out.getvalue(), Path("bone.docx")).record
    assert (record.title, record.title_assigned, record.authors) == ("bone", True, ())


def test_a_line_of_malformed_xml_is_named() -> None:
    with pytest.raises(SourceError, match=r"a\.xml:2:"):
        read_bytes(b"<article>\n<p></article>", Path("a.xml"))
