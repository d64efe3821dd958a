"""Every text of the corpus through every way in: none runs, and each is shown as it is.

`make test` looks at a seeded sample of the texts wherever one costs a document or a question;
with `YUANWEN_SOAK` set, as `make soak` does, at all of them.
"""

from __future__ import annotations

import json
import os
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote as quoted_address

import bibtexparser
import httpx
import pytest
import rispy
from markdown_it import MarkdownIt

import app
from index import Library, default_encoder
from qa import Assistant, Quote
from qa.cite import STYLES, export
from qa.doors.accounts import Accounts
from qa.doors.audit import Audit, as_line
from qa.doors.entry import Entry
from qa.markdown import as_markdown
from qa.web.asking import show
from qa.web.opening import Loader
from qa.web.reader import blocks
from sources import Review
from sources.characters import spelt
from tests.qa.doors.conftest import PASSWORD, QUICK
from tests.qa.web.test_tools import call
from tests.serving import serving

from .acting import TEXTS, ask, unfold
from .corpus import ALL, DRAWN, HANDLERS, SCRIPTS
from .planting import MARK, archive, documents
from .tripwire import Tripwire

UNSENDABLE = str.maketrans("/\x00", "__")
WHOLE = bool(os.environ.get("YUANWEN_SOAK"))
MADE = ":is(script, img, svg, a, b, i, iframe, object, embed, style, form, base, meta, math)"


def some(count: int, texts: Sequence[str] = ALL) -> list[str]:
    """Return all of the texts in the long version, as many as `count` in the short one."""
    return list(texts) if WHOLE else random.Random(7).sample(texts, count)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant of a library that these tests fill."""
    library = Library(tmp_path_factory.mktemp("corpus") / "library", default_encoder())
    assistant = Assistant(library)
    yield assistant
    library.close()


@pytest.fixture(scope="module")
def served(own: Assistant, audit: Path) -> Iterator[str]:
    entry = Entry(audit=Audit(audit))
    with serving(app.create_app(Loader(lambda _: own), entry, mcp=True)) as address:
        yield address


@pytest.fixture
def watched(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a context of its own, where nothing may trip."""
    opened: list[tuple[Any, Tripwire]] = []

    def watched(address: str) -> Any:
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860})
        opened.append((context, Tripwire(context, address)))
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(address)
        return page

    yield watched
    for context, _ in opened:
        context.close()
    assert [seen for _, wire in opened for seen in wire.seen] == []


@pytest.fixture
def page(watched: Callable[..., Any], served: str) -> Any:
    page = watched(served)
    page.wait_for_selector(".masthead")
    return page


def folded(text: str) -> str:
    """Leave out what layout repair may: white space, forms of a letter, what is not seen."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(char for char in wide if unicodedata.category(char)[0] not in "CZ")


def send(page: Any, files: list[tuple[str, bytes]]) -> list[Any]:
    """Send files through the library page; return the lines that say what became of each."""
    page.locator("#open-shelf").click()
    sent = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        for name, data in files
    ]
    page.set_input_files(".drop input", sent)
    outcomes = page.locator(".files li[data-outcome]")
    outcomes.nth(len(files) - 1).wait_for(timeout=300_000)
    return outcomes.all()


def test_the_tripwire_sees_what_runs(browser: Any, served: str) -> None:
    """Given to `innerHTML`, to `eval`, to an address: the wire is not blind."""
    context = browser.new_context()
    wire = Tripwire(context, served)
    page = context.new_page()
    page.goto(f"{served}/api/docs")
    assert wire.seen == []
    put = "(html) => { const at = document.createElement('div'); document.body.append(at); at.innerHTML = html; }"
    tags = [text for text in (*HANDLERS, *DRAWN) if text.startswith("<")]
    for text in tags:
        before = len(wire.seen)
        page.evaluate(put, text)
        page.wait_for_timeout(10)
        assert len(wire.seen) > before, text
    for run in ("eval('window.pwned=1')", "new Function('window.pwned=1')()", "alert(1)",
                "document.body.append(Object.assign(document.createElement('script'), { text: 'window.pwned=1' }))",
                "fetch('https://evil.invalid/').catch(() => 0)", "new Image().src = 'https://evil.invalid/'",
                "open('https://evil.invalid/')", "document.body.setAttribute('onclick', 'window.pwned=1')"):  # fmt: skip
        before = len(wire.seen)
        page.evaluate(run)
        page.wait_for_timeout(10)
        assert len(wire.seen) > before, run
    assert {"TRIPPED pwned", "TRIPPED alert", "TRIPPED innerHTML"} <= set(wire.seen)
    context.close()


def test_documents_are_shown_as_they_are(page: Any, own: Assistant, audit: Path) -> None:
    """Sent under names of the corpus, listed, asked, read, printed, seen as extracted."""
    names = iter([*some(16)] * 50)
    texts = some(18)
    files = [
        (f"{next(names)[:60].translate(UNSENDABLE)}{suffix}", data)
        for suffix, data in documents(texts)
        if WHOLE or suffix not in (".md", ".html")
    ]
    lines = send(page, files)
    assert [
        line.text_content() for line in lines if line.get_attribute("data-outcome") != "added"
    ] == []
    reviews = list(own.library.reviews.values())
    assert len(reviews) == len(files)
    told = [json.loads(line) for line in (audit / "audit.jsonl").read_bytes().splitlines()]
    assert [(each["what"], each["file"]) for each in told] == [("add", name) for name, _ in files]
    for line, review in zip(lines, reviews, strict=True):
        assert f"《{review.record.title}》" in line.text_content()
    listed = page.locator(".reviews > li")
    shown = [own.library.reviews[each.get_attribute("data-review")] for each in listed.all()]
    assert listed.locator("h3").evaluate_all(TEXTS) == [each.record.title for each in shown]
    assert page.locator(f".shelf {MADE}:not(.record)").count() == 0
    for at, review in enumerate(shown):
        assert_record_is_shown(listed.nth(at), review)
    page.keyboard.press("Escape")
    for review in reviews if WHOLE else reviews[:2]:
        page.locator("#new-conversation").click()
        choose(page, review)
        assert_is_read(page, own, review)
    kept = "".join(folded(review.text) for review in reviews)
    assert [text for text in texts if "\x00" not in text and folded(text) not in kept] == []


def assert_record_is_shown(row: Any, review: Review) -> None:
    row.locator("summary", has_text="题录").click()
    row.locator(".record input").first.wait_for()
    record = review.record
    for name, value in (
        ("title", record.title),
        ("authors", "; ".join(record.authors)),
        ("journal", record.journal or ""),
        ("doi", record.doi or ""),
    ):
        assert row.locator(f".record [name={name}]").input_value() == value.replace("\n", "")


def choose(page: Any, review: Review) -> None:
    page.locator(".picker summary").click()
    page.locator(".picker button").last.click()
    page.locator(".picker input").evaluate_all(
        "(all, id) => all.find((one) => one.value === id).click()", review.id
    )
    page.locator(".picker summary").click()


def assert_is_read(page: Any, own: Assistant, review: Review) -> None:
    """Its sentences are quoted as they stand; the reader and the print show nothing else."""
    sentence = next(
        each for part in review.passages for each in part.sentences if each.text.startswith(MARK)
    )
    answer = own.ask(sentence.text, sources=[review.id])
    turn = ask(page, sentence.text)
    assert turn.locator("h2").text_content() == sentence.text.strip()
    unfold(page)
    quotes = answer.quotes or answer.nearest
    assert quotes
    firsts = {quote.passage: quote.text for quote in quotes}
    assert turn.locator("article blockquote").evaluate_all(TEXTS) == list(firsts.values())
    cite = turn.locator("article cite").first.text_content()
    assert cite.startswith(review.record.title)
    page.emulate_media(media="print")
    assert turn.locator("article blockquote").evaluate_all(TEXTS) == list(firsts.values())
    page.emulate_media(media="screen")
    turn.locator("article blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    read_on(page, len(blocks(review)))
    shown = page.locator(".reader [data-at]").evaluate_all(TEXTS)
    assert shown == [review.text[block.start : block.end] for block in blocks(review)]
    page.locator(".outline summary").click()
    headings = [review.text[block.start : block.end] for block in blocks(review) if block.level]
    assert page.locator(".outline button").evaluate_all(TEXTS) == headings
    page.locator(".reader-tools [aria-pressed]").click()
    page.wait_for_selector(".raw-line mark.here")
    assert "".join(page.locator(".raw-line mark.here").evaluate_all(TEXTS)) in review.raw.replace(
        "\n", ""
    )
    assert page.locator(f":is(.log, .reader) {MADE}").count() == 0
    page.keyboard.press("Escape")


def read_on(page: Any, count: int) -> None:
    """Scroll up and down until every paragraph has been fetched."""
    for _ in range(40):
        if page.locator(".reader [data-at]").count() == count:
            return
        page.locator(".reader-body").evaluate("one => { one.scrollTop = 0 }")
        page.wait_for_timeout(60)
        page.locator(".reader-body").evaluate("one => { one.scrollTop = one.scrollHeight }")
        page.wait_for_timeout(60)
    raise AssertionError("the reader stopped before the ends of the text")


def test_what_a_tab_remembers_is_shown_as_it_is(page: Any, assistant: Assistant) -> None:
    """Every text in every place of a card: question, quote, section, citation, entry, marker."""
    answer = show(assistant.ask("维生素K缺乏为什么会导致骨丢失？"))
    texts = some(50)
    for group in (texts[at : at + 50] for at in range(0, len(texts), 50)):
        turns = [{"question": text, "answer": with_text(answer, text)} for text in group]
        page.evaluate(
            "turns => sessionStorage.setItem('yuanwen.conversation', JSON.stringify(turns))", turns
        )
        page.reload()
        page.wait_for_selector(".turn article", state="attached")
        unfold(page)
        turn = page.locator(".turn")
        asked = [text.strip() for text in group]
        assert turn.locator("h2").evaluate_all(TEXTS) == asked
        assert turn.locator("article blockquote").evaluate_all(TEXTS) == group
        assert turn.locator(".read-as q").evaluate_all(TEXTS) == [f"{text}?" for text in group]
        assert turn.locator("article cite").evaluate_all(TEXTS) == [
            f"{text} › {text}" for text in group
        ]
        assert turn.locator("dl dd").evaluate_all(TEXTS) == group
        assert page.locator(f".log {MADE}").count() == 0
    assert len(ALL) == len(set(ALL)) > 250


def with_text(answer: dict[str, Any], text: str) -> dict[str, Any]:
    quote = answer["quotes"][0]
    planted = {
        **quote,
        "text": text, "highlight": text, "citation": text, "lang": text,
        "highlights": [{"start": 0, "end": len(text) // 2}], "cites": [],
        "source": {**quote["source"], "title": text, "id": text},
        "section": {**quote["section"], "path": [text], "title": text},
        "references": [{"marker": text, "text": text, "lang": text}],
        "place": {**quote["place"], "label": text, "listed": True},
    }  # fmt: skip
    return {**answer, "question": text, "read_as": f"{text}?", "quotes": [planted]}


def test_questions_are_shown_as_they_are(page: Any, own: Assistant) -> None:
    page.wait_for_selector(".picker")
    for text in filter(str.strip, some(10)):
        typed = text.replace("\r\n", "\n").replace("\r", "\n")
        turn = ask(page, typed)
        assert turn.locator("h2").text_content() == page.evaluate("text => text.trim()", typed)
    unfold(page)
    assert page.locator(f".log {MADE}").count() == 0


def test_what_is_said_of_a_review_is_shown_as_it_is(page: Any, own: Assistant) -> None:
    page.locator("#open-shelf").click()
    row = page.locator(".reviews > li").first
    review = str(row.get_attribute("data-review"))
    for text in some(3):
        row.locator("summary", has_text="题录").click()
        row.locator(".record input").first.wait_for()
        said = " ".join(text.split())
        for name in ("title", "authors", "journal", "volume", "issue", "pages", "doi"):
            row.locator(f".record [name={name}]").fill(f"题{said}" if name == "title" else said)
        with page.expect_response("**/library/describe") as answered:
            row.locator(".record button").click()
        assert "described" in answered.value.json(), said
        row.locator("h3", has_text="题").wait_for()
        page.wait_for_function("document.activeElement.matches('.reviews summary')")
        title = own.library.reviews[review].record.title
        assert row.locator("h3").text_content() == title
        row.locator(".danger").click()
        assert f"《{title}》" in row.get_by_role("alert").text_content()
        row.get_by_role("button", name="保留").click()


def test_names_in_an_archive_lead_nowhere(page: Any, own: Assistant) -> None:
    names = [name for name in some(40) if "\x00" not in name and name.strip(". /\\")]
    before = {path for path in own.library.folder.parent.rglob("*") if "library" not in path.parts}
    send(page, [("包.zip", archive(names))])
    assert page.locator(f".files {MADE}").count() == 0
    after = {path for path in own.library.folder.parent.rglob("*") if "library" not in path.parts}
    assert before == after
    assert not (own.library.folder / "sent").exists()
    for review in own.library.reviews.values():
        assert ".." not in Path(review.file).parts


def test_names_at_the_door_are_shown_as_they_are(
    watched: Callable[..., Any], own: Assistant, tmp_path: Path
) -> None:
    accounts = Accounts(tmp_path / "accounts.sqlite", QUICK)
    accounts.add("li", PASSWORD, admin=True)
    entry = Entry(accounts=accounts, audit=Audit(tmp_path / "audit"))
    with serving(app.create_app(Loader(lambda _: own), entry)) as address:
        page = watched(address)
        for text in filter(str.strip, some(4)):
            page.locator("[name=name]").fill(text)
            typed = page.locator("[name=name]").input_value()
            page.locator("[name=password]").fill(text)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            assert page.locator("[name=name]").input_value() == shown_in_html(typed[:64])
            assert page.locator("main *").count() == 12
        told = (tmp_path / "audit" / "audit.jsonl").read_bytes().splitlines()
        assert all(json.loads(line)["who"] is None for line in told)


def shown_in_html(text: str) -> str:
    """HTML has no way to write NUL."""
    return text.replace("\0", "\ufffd")


def test_addresses_do_nothing(page: Any, served: str) -> None:
    for text in some(4):
        query = quoted_address(text, safe="")
        for place in (f"/{query}", f"/page/{query}", f"/api/{query}", f"/login?lang={query}",
                      f"/gradio_api/{query}", f"/gradio_api/file={query}"):  # fmt: skip
            answer = httpx.get(f"{served}{place}")
            assert "set-cookie" not in answer.headers
            if "html" in answer.headers.get("content-type", "") and "pwned" in text:
                assert text not in answer.text
        page.goto(f"{served}/nothing/{query}")
    for text in some(1, [*SCRIPTS, *HANDLERS]):
        query = quoted_address(text, safe="")
        page.goto(f"{served}/?__theme={query}&{query}={query}&view={query}#{query}")
        page.wait_for_selector(".masthead")


def test_errors_hold_the_words_as_they_are(served: str, own: Assistant) -> None:
    texts = [text for text in some(25) if text.strip() and text not in own.library.reviews]
    for text in texts:  # some, like "con", are names that a document was sent under
        answer = httpx.post(f"{served}/api/ask", json={"question": "骨", "sources": [text]})
        assert answer.headers["content-type"] == "application/json"
        assert spelt(text[:100]) in answer.json()["error"]
    for text in texts if WHOLE else texts[:4]:
        result = call(f"{served}/mcp", "ask", question="骨", sources=[text])
        assert result.is_error
        assert spelt(text[:100]) in result.content[0].text


def test_exports_are_read_again_as_they_were(own: Assistant) -> None:
    """Each style by a reader that is not ours, or line by line where none reads it."""
    quotes = [
        Quote(part.span, (sentence,), part.section, 1.0)
        for review in own.library.reviews.values()
        for part in review.passages[:2]
        for sentence in part.sentences[:1]
    ]
    assert len(quotes) > 10
    for style in STYLES:
        assert_is_read_again(style, quotes, export(quotes, style, cited_too=True))
    asked = [text for text in ALL if text.strip() and "\0" not in text]
    written = as_markdown([(text, [quotes[0]]) for text in asked])
    inline = [
        each
        for each in MarkdownIt("gfm-like", {"linkify": False}).parse(written)
        if each.type == "inline"
    ]
    said = ["".join(child.content for child in each.children or []) for each in inline]
    assert said[0::3] == [" ".join(text.split()) for text in asked]
    assert {child.type for each in inline for child in each.children or []} <= {
        "text",
        "text_special",
        "softbreak",
    }


def assert_is_read_again(style: str, quotes: Sequence[Quote], written: str) -> None:
    titles = [" ".join(quote.review.record.title.split()) for quote in quotes]
    if style == "bibtex":
        library = bibtexparser.parse_string(written)
        assert not library.failed_blocks
        assert len(library.blocks) == len(library.entries) >= len(quotes)
    elif style == "ris":
        found = rispy.loads(written)
        assert [each["title"] for each in found[: len(quotes)]] == titles
        assert written.count("TY  - ") - sum(
            "TY  - " in line[6:] for line in written.split("\n")
        ) == len(found)
    elif style == "csl-json":
        assert [each["title"] for each in json.loads(written)[: len(quotes)]] == titles
    elif style != "plain":
        count = len(json.loads(export(quotes, "csl-json", cited_too=True)))
        lines = written.splitlines()
        assert len(lines) == count, [line for line in lines if not line.startswith("[")]


def test_a_line_of_a_log_stays_one_line() -> None:
    for text in ALL:
        line = as_line({"who": text, "what": text})
        assert line.isascii()
        assert len(line.splitlines()) == 1
        assert json.loads(line) == {"who": text, "what": text}
