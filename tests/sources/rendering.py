"""Writes made-up reviews as DOCX, HTML, EPUB and JATS, with the noise that such files come with."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from html import escape

import docx
from docx.oxml import parse_xml as docx_xml
from docx.text.paragraph import Paragraph as DocxParagraph

from .papers import LOWER, RAISE, Figure, Heading, Paper, Paragraph, Table, plain

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _marked(text: str) -> str:
    return escape(text, quote=False).replace(RAISE, "<sup>").replace(LOWER, "</sup>")


def _joint(paper: Paper) -> str:
    return "" if paper.language == "zh" else " "


def _names(paper: Paper) -> tuple[str, str, str]:
    zh = paper.language == "zh"
    return ("摘要", "关键词", "参考文献") if zh else ("Abstract", "Keywords", "References")


# HTML


def html(paper: Paper) -> bytes:
    """Return a publisher's page: navigation, scripts, an aside, a cookie notice about the article."""
    issued = f'<meta name="citation_publication_date" content="{paper.year}/09">'
    authors = "".join(
        f'<meta name="citation_author" content="{escape(name)}">' for name in paper.authors
    )
    return f"""<!DOCTYPE html><html lang="{paper.language}"><head><meta charset="utf-8">
<title>{escape(paper.title)} | Some Publisher</title>
<meta name="citation_title" content="{escape(paper.title)}">{authors}{issued}
<meta name="citation_journal_title" content="{escape(paper.journal)}">
<meta name="citation_volume" content="{paper.volume}"><meta name="citation_issue" content="{paper.issue}">
<meta name="citation_doi" content="{escape(paper.doi)}"><style>p {{ color: red; }}</style></head>
<body><header><a href="/">{escape(paper.journal)} home page.</a></header>
<nav><ul><li>Journals.</li><li>About us.</li></ul></nav><div class="cookie-consent"><p>We use cookies.</p></div>
<div id="content">{_html_body(paper)}</div>
<aside><p>Readers of {escape(paper.journal)} also read this. Buy it.</p></aside>
<footer><p>Copyright {paper.year} {escape(paper.journal)}. All rights reserved.</p></footer>
<script>document.write("<p>{escape(paper.journal)} script.</p>")</script></body></html>""".encode()


def _html_body(paper: Paper) -> str:
    abstract, keywords, references = _names(paper)
    parts = [
        f"<h1>{escape(paper.title)}</h1>",
        f"<h2>{abstract}</h2><p>{_marked(_joint(paper).join(paper.abstract))}</p>",
        f"<p><b>{keywords}:</b> {escape(', '.join(paper.keywords))}</p>",
        *(_html_element(paper, element) for element in paper.body),
        f"<h2>{references}</h2><ol>{''.join(f'<li>{escape(e)}</li>' for e in paper.references)}</ol>",
    ]
    return "\n".join(parts)


def _html_element(paper: Paper, element: object) -> str:
    if isinstance(element, Heading):
        level = element.level + 1
        return f"<h{level}>{element.number} {_marked(element.title)}</h{level}>"
    if isinstance(element, Paragraph):
        words = _marked(_joint(paper).join(element.sentences)).replace(" ", "\n ", 3)
        note = f'<aside role="doc-footnote">{_marked(element.note)}</aside>' if element.note else ""
        return f"<p>{words}</p>{note}"
    if isinstance(element, Figure):
        return f"<figure><img src='x.png' alt='{escape(paper.title)}'><figcaption>{_marked(element.caption)}</figcaption></figure>"
    assert isinstance(element, Table)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in element.rows
    )
    return f"<table><caption>{_marked(element.caption)}</caption><tbody>{rows}</tbody></table>"


# EPUB


def epub(paper: Paper) -> bytes:
    """Return a book whose chapters are the sections of the review."""
    chapters = ["<h1>" + piece for piece in f"{_html_body(paper)}".split("<h1>")[1:]]
    first, *others = re.split(r"(?=<h2>\d)", chapters[0])
    pages = [first, *others]
    names = [f"text/chapter {number}.xhtml" for number in range(len(pages))]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        creators = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in paper.authors)
        items = "".join(
            f'<item id="c{at}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
            for at, name in enumerate(names)
        )
        spine = "".join(f'<itemref idref="c{at}"/>' for at in range(len(names)))
        book.writestr(
            "OEBPS/content.opf",
            '<?xml version="1.0"?><package version="3.0" xmlns="http://www.idpf.org/2007/opf">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(paper.title)}</dc:title>{creators}<dc:date>{paper.year}-09-01</dc:date>"
            f"<dc:identifier>doi:{escape(paper.doi)}</dc:identifier><dc:language>{paper.language}</dc:language></metadata>"
            '<manifest><item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            f'{items}</manifest><spine><itemref idref="nav"/>{spine}</spine></package>',
        )
        book.writestr(
            "OEBPS/nav.xhtml", _xhtml(f"<nav><ol><li>{escape(paper.journal)}</li></ol></nav>")
        )
        for name, page in sorted(zip(names, pages, strict=True), reverse=True):
            page = page.replace("<img src='x.png'", "<img src='x.png'").replace(
                "'><figcaption", "'/><figcaption"
            )
            book.writestr(f"OEBPS/{name}", _xhtml(page))
    return made.getvalue()


def _xhtml(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x.js"/></head>'
        f"<body>{body}</body></html>"
    )


# JATS


def jats(paper: Paper) -> bytes:
    authors = "".join(
        f'<contrib contrib-type="author"><name{_order(name)}><surname>{escape(_family(name))}</surname>'
        f"<given-names>{escape(_given(name))}</given-names></name></contrib>"
        for name in paper.authors
    )
    abstract, _, references = _names(paper)
    joint = _joint(paper)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.2//EN" "JATS-archivearticle1.dtd">
<article xml:lang="{paper.language}" xmlns:xlink="http://www.w3.org/1999/xlink"><front><journal-meta>
<journal-title-group><journal-title>{escape(paper.journal)}</journal-title></journal-title-group></journal-meta>
<article-meta><article-id pub-id-type="doi">{escape(paper.doi)}</article-id><title-group>
<article-title>{escape(paper.title)}</article-title></title-group><contrib-group>{authors}</contrib-group>
<pub-date><month>9</month><year>{paper.year}</year></pub-date><volume>{paper.volume}</volume>
<issue>{paper.issue}</issue><fpage>{paper.first_page}</fpage><lpage>{paper.first_page + 8}</lpage>
<permissions><copyright-statement>{escape(paper.journal)}, all rights reserved.</copyright-statement></permissions>
<abstract><title>{abstract}</title><p>{_jats(joint.join(paper.abstract))}</p></abstract>
<kwd-group><kwd>{"</kwd><kwd>".join(map(escape, paper.keywords))}</kwd></kwd-group></article-meta></front>
<body>{"".join(_jats_sections(paper))}</body>
<back><ref-list><title>{references}</title>{"".join(map(_jats_entry, paper.references))}</ref-list></back>
</article>""".encode()


def _jats(text: str) -> str:
    cited = _marked(text).replace("<sup>", '<sup><xref ref-type="bibr" rid="r1">')
    return cited.replace("</sup>", "</xref></sup>").replace(" ", "\n      ", 2)


def _order(name: str) -> str:
    return "" if " " in name else ' name-style="eastern"'


def _family(name: str) -> str:
    return name.split(" ")[-1] if " " in name else name[0]


def _given(name: str) -> str:
    return " ".join(name.split(" ")[:-1]) if " " in name else name[1:]


def _jats_entry(entry: str) -> str:
    label, words = entry.split(" ", 1)
    return f"<ref><label>{label.strip('[].')}</label><mixed-citation>{escape(words)}</mixed-citation></ref>"


def _jats_sections(paper: Paper) -> Iterator[str]:
    open_ = 0
    for element in paper.body:
        if isinstance(element, Heading):
            yield "</sec>" * (open_ - element.level + 1)
            open_ = element.level
            yield f"<sec><label>{element.number}</label><title>{_marked(element.title)}</title>"
        elif isinstance(element, Paragraph):
            note = f"<fn><p>{_marked(element.note)}</p></fn>" if element.note else ""
            yield f"<p>{_jats(_joint(paper).join(element.sentences))}{note}</p>"
        elif isinstance(element, Figure):
            label, words = _label(element.caption)
            yield f"<fig><label>{label}</label><caption><p>{_marked(words)}</p></caption></fig>"
        else:
            label, words = _label(element.caption)
            rows = "".join(
                f"<tr><td>{'</td><td>'.join(map(escape, row))}</td></tr>" for row in element.rows
            )
            yield (
                f"<table-wrap><label>{label}</label><caption><p>{_marked(words)}</p></caption>"
                f"<table><tbody>{rows}</tbody></table></table-wrap>"
            )
    yield "</sec>" * open_


def _label(caption: str) -> tuple[str, str]:
    found = re.match(r"(?:Table|Figure) \d+\.|[图表]\d+", caption)
    assert found
    return found[0], caption[found.end() :].strip()


# DOCX


def word(paper: Paper) -> bytes:
    """Return a document with a running head, styles and footnotes; its words are cut into runs."""
    document = docx.Document()
    document.core_properties.author = "python-docx"
    document.sections[0].header.paragraphs[0].text = f"{paper.journal} {paper.year}"
    document.sections[0].footer.paragraphs[0].text = "1"
    document.add_paragraph(paper.title, style="Title")
    abstract, keywords, references = _names(paper)
    joint = _joint(paper)
    _runs(document.add_paragraph(), f"{abstract}: " + joint.join(paper.abstract))
    document.add_paragraph(f"{keywords}: {'; '.join(paper.keywords)}")
    notes: list[str] = []
    for element in paper.body:
        if isinstance(element, Heading):
            document.add_heading(f"{element.number} {element.title}", element.level)
        elif isinstance(element, Paragraph):
            paragraph = document.add_paragraph()
            _runs(paragraph, joint.join(element.sentences))
            if element.note:
                notes.append(plain(element.note))
                mark = f'<w:r xmlns:w="{_W}"><w:footnoteReference w:id="{len(notes) + 1}"/></w:r>'
                paragraph._p.append(docx_xml(mark))
        else:
            _runs(document.add_paragraph(style="Caption"), element.caption)
            if isinstance(element, Table):
                table = document.add_table(len(element.rows), len(element.rows[0]))
                for row, told in zip(table.rows, element.rows, strict=True):
                    for cell, text in zip(row.cells, told, strict=True):
                        cell.text = text
    document.add_heading(references, 1)
    for entry in paper.references:
        document.add_paragraph(entry)
    made = io.BytesIO()
    document.save(made)
    return _with_footnotes(made.getvalue(), notes)


def _runs(paragraph: DocxParagraph, text: str) -> None:
    raised = False
    for part in re.split(f"([{RAISE}{LOWER}])", text):
        if part in (RAISE, LOWER):
            raised = part == RAISE
            continue
        for at in range(0, len(part), 17):
            paragraph.add_run(part[at : at + 17]).font.superscript = raised or None


def _with_footnotes(data: bytes, notes: list[str]) -> bytes:
    listed = "".join(
        f'<w:footnote w:id="{at}"><w:p><w:r><w:t>{escape(note)}</w:t></w:r></w:p></w:footnote>'
        for at, note in enumerate(notes, 2)
    )
    part = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes xmlns:w="{_W}">{listed}</w:footnotes>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    changes: dict[str, Callable[[str], str]] = {
        "[Content_Types].xml": lambda text: text.replace(
            "</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
        ),
        "word/_rels/document.xml.rels": lambda text: text.replace(
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{relation}" Target="footnotes.xml"/></Relationships>',
        ),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, changes[name](text.decode()) if name in changes else text)
        after.writestr("word/footnotes.xml", part)
    return made.getvalue()
