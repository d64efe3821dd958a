"""Documents of every kind with texts of the corpus wherever a document has a text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

from ..sources.papers import LOWER, RAISE, Figure, Heading, Paper, Paragraph, Table
from ..sources.rendering import epub, html, jats, word
from ..sources.typesetting import pdf

WRITERS: dict[str, Callable[[Paper], bytes]] = {
    ".docx": word,
    ".epub": epub,
    ".html": html,
    ".xml": jats,
    ".pdf": pdf,
}
_UNWRITABLE = re.compile(f"[^\t\n\x20-\ud7ff\ue002-\ufffd\U00010000-\U0010ffff]|[{RAISE}{LOWER}]")
"""What no XML file may hold, and what stands for superscripts in a `Paper`."""


MARK = "骨密度"
"""Begins the sentences that hold a text; set in words that the fonts of the tests have."""


def writable(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not _UNWRITABLE.search(text) and len(text) < 200]


def sentence(number: int, text: str) -> str:
    return f"{MARK}{number}为{text}，明显降低[1,2]。"


def batched(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (texts[at : at + size] for at in range(0, len(texts), size))


def planted(texts: Sequence[str]) -> Paper:
    """Return a paper with the texts as title, authors, headings, captions, cells, entries and all."""
    some = cycle(texts)
    body: list[Heading | Paragraph | Table | Figure] = []
    for number, group in enumerate(batched(texts, 6), 1):
        first = 6 * number
        body.append(Heading(1, str(number), f"骨折{next(some)}"))
        told = tuple(sentence(at, text) for at, text in enumerate(group, first))
        body.append(Paragraph(told, f"骨{next(some)}。"))
        body.append(Table(f"表{number} {next(some)}", ((next(some), "骨"), ("骨", next(some)))))
        body.append(Figure(f"图{number} {next(some)}"))
    return Paper(
        language="zh",
        title=f"骨{texts[0]}骨",
        authors=tuple(f"{text} Name" for text in texts[1:4]),
        journal=f"骨{texts[4]}骨",
        year=2020,
        volume="1",
        issue="2",
        first_page=3,
        doi=f"10.1000/{''.join(texts[5].split())}",
        abstract=(sentence(0, texts[6]), sentence(1, texts[7])),
        keywords=tuple(texts[8:10]),
        body=tuple(body),
        references=tuple(
            f"[{number}] Smith JA, {next(some)}. {next(some)}. J Bone. 2019;34(2):123-130. doi:10.1000/{number}"
            for number in range(1, 6)
        ),
    )


def as_text(paper: Paper, title: str = "") -> bytes:
    """Return a paper as plain text; `title` stands before the title, as in Markdown."""
    parts = [title + paper.title, ", ".join(paper.authors), "".join(paper.abstract)]
    for element in paper.body:
        if isinstance(element, Heading):
            parts.append(f"{element.number} {element.title}")
        elif isinstance(element, Paragraph):
            parts.append("".join(element.sentences))
        else:
            parts.append(element.caption)
    return "\n\n".join([*parts, "参考文献", *paper.references]).encode()


def documents(texts: Sequence[str], size: int = 24) -> Iterator[tuple[str, bytes]]:
    """Yield each text in a document of every kind, `size` to a document: its suffix, its bytes."""
    for group in batched(texts, size):
        several = [
            each for each in (*group, *texts[: max(0, 12 - len(group))]) if "\x00" not in each
        ]
        paper = planted(several)
        yield ".txt", as_text(paper)
        yield ".md", as_text(paper, "# ")
        able = writable(several)
        if len(able) >= 10:
            for suffix, write in WRITERS.items():
                yield suffix, write(planted(able))


def archive(names: Sequence[str]) -> bytes:
    """Return a zip of one-sentence texts whose members have these names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for number, name in enumerate(names):
            packed.writestr(zipfile.ZipInfo(f"{name}.txt"), f"压缩包里的第{number}篇。\n")
    return made.getvalue()
