"""The page's server side, and what its files must keep to."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import gradio as gr
import pytest
from starlette.testclient import TestClient

import app
from app import Loader
from index import LibraryError
from qa import Assistant

PAGE = Path(app.__file__).parent / "qa" / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))
QUESTION = "维生素K缺乏为什么会导致骨丢失？"


@pytest.fixture(scope="module")
def loader(assistant: Assistant) -> Loader:
    return Loader(lambda _: assistant)


@pytest.fixture(scope="module")
def client(loader: Loader) -> Iterator[TestClient]:
    with TestClient(app.create_app(loader), base_url="http://127.0.0.1:7860") as client:
        yield client


def turn(**more: Any) -> dict[str, Any]:
    return {"id": "1", "question": QUESTION, "history": [], "sources": None, **more}


def test_the_page_and_its_files_are_served_behind_the_policy(client: TestClient) -> None:
    for path in ("/", "/page/thread.js", "/page/strings.json", "/api/health", "/nothing-here"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith(
            "default-src 'self'; script-src 'self'"
        )
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/page/thread.js").headers["cache-control"] == "no-cache"


def test_no_page_of_documentation_loads_from_elsewhere(client: TestClient) -> None:
    assert {client.get(path).status_code for path in ("/docs", "/redoc")} == {404}


def test_a_forged_host_is_refused(client: TestClient) -> None:
    assert client.get("/api/health", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/api/health", headers={"Host": "localhost:7860"}).status_code == 200


def test_health_tells_loading_ready_and_failed(assistant: Assistant) -> None:
    begun, opened = Event(), Event()

    def opener(progress: Callable[[str, int, int], None]) -> Assistant:
        progress("标题", 3, 7)
        begun.set()
        assert opened.wait(60)
        return assistant

    loader = Loader(opener)
    assert begun.wait(60)
    assert loader.health() == {"status": "loading", "detail": "3/7"}
    opened.set()
    loader.assistant()
    assert loader.health() == {"status": "ready"}


def test_a_library_that_cannot_be_opened_is_told_to_whoever_asks() -> None:
    def opener(_: object) -> Assistant:
        raise LibraryError("打不开 / cannot be opened")

    loader = Loader(opener)
    told = {"text": "打不开 / cannot be opened"}
    assert app.ask(loader, turn()) == {"id": "1", "error": told}
    assert loader.health() == {"status": "failed", "detail": told["text"]}


def test_an_answer_carries_what_the_page_shows(loader: Loader, assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    shown = app.ask(loader, turn())["answer"]
    assert json.loads(json.dumps(shown)) == shown
    for quote, told in zip(
        (*answer.quotes, *answer.nearest), shown["quotes"] + shown["nearest"], strict=True
    ):
        assert told["text"] == quote.text
        assert told["citation"] == quote.citation()
        review = assistant.library.reviews[told["place"]["review"]]
        assert [review.text[start:end] for start, end in told["place"]["marks"]] == [
            span.text for span in quote.highlights
        ]


def test_the_reader_gets_the_section_around_a_quote(loader: Loader) -> None:
    shown = app.ask(loader, turn())["answer"]
    for quote in shown["quotes"] + shown["nearest"]:
        place = quote["place"]
        sections = app.read(loader, place)["sections"]
        paragraphs = [paragraph for section in sections for paragraph in section["paragraphs"]]
        for start, end in place["marks"]:
            (holding,) = [
                text["text"][start - text["start"] : end - text["start"]]
                for text in paragraphs
                if text["start"] <= start < text["start"] + len(text["text"])
            ]
            assert holding in quote["text"]


@pytest.mark.parametrize(
    "place",
    [None, [], {}, {"review": "liver-osteoporosis"}, {"review": "liver-osteoporosis", "section": 999},
     {"review": "liver-osteoporosis", "section": -1}, {"review": ["x"], "section": 1}, {"review": "gone", "section": 1}],
)  # fmt: skip
def test_a_place_that_is_not_there_is_told(loader: Loader, place: Any) -> None:
    assert app.read(loader, place) == {"error": {"told": "gone"}}


@pytest.mark.parametrize(
    "sent",
    [None, "text", [], {}, turn(question=None), turn(question=["x"]), turn(history=None), turn(history=[1]),
     turn(history="x"), turn(sources="x"), turn(sources=[None])],
)  # fmt: skip
def test_whatever_is_sent_is_answered_in_one_line(loader: Loader, sent: Any) -> None:
    assert app.ask(loader, sent)["error"] == {"told": "unreadable"}


@pytest.mark.parametrize(
    ("sent", "told"),
    [(turn(question=" "), "问题是空的"), (turn(question="骨" * 2001), "问题太长"), (turn(sources=["gone"]), "gone: 库中没有")],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_told(loader: Loader, sent: Any, told: str) -> None:
    assert app.ask(loader, sent)["error"]["text"].startswith(told)


def test_no_review_chosen_is_told_apart_from_all(loader: Loader) -> None:
    assert app.ask(loader, turn(sources=[]))["error"] == {"told": "chooseOne"}


def test_suggestions_are_answered_by_the_section_that_they_name(
    loader: Loader, assistant: Assistant
) -> None:
    suggested = loader.suggestions()
    assert len(suggested) >= 3
    for one in suggested:
        for words in app.WORDS.values():
            answer = assistant.ask(
                words["suggest"].format(heading=one["heading"]), sources=[one["review"]]
            )
            assert answer.status == "answered"
            assert answer.quotes[0].section == one["section"]
    assert {one["review"] for one in app.shelf(loader)["suggestions"]} <= set(
        assistant.library.reviews
    )


def test_the_page_has_one_question_box(loader: Loader) -> None:
    page = app.build(loader)
    boxes = [block for block in page.blocks.values() if isinstance(block, gr.Textbox)]
    assert [box.elem_id for box in boxes] == ["question"]
    kinds = {type(block) for block in page.blocks.values()}
    assert not kinds & {gr.Markdown, gr.Chatbot, gr.HighlightedText}


def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as told:
        app.serve(port=taken.getsockname()[1])
    assert "cannot listen" in str(told.value)


def test_the_interface_speaks_both_languages() -> None:
    chinese, english = app.WORDS["zh"], app.WORDS["en"]
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert set(re.findall(r"{\w+}", chinese[key])) == set(re.findall(r"{\w+}", english[key]))


def test_every_interface_string_is_used_and_every_one_used_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in [*SCRIPTS, Path(app.__file__)])
    quoted = set(re.findall(r'"(\w+)"', sources))
    assert [key for key in app.WORDS["zh"] if key not in quoted] == []
    used = re.findall(r'(?:told|label): "(\w+)"|(?:say|fail)\([^)]*"(\w+)"', sources)
    assert [name for pair in used for name in pair if name and name not in app.WORDS["zh"]] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path: Path) -> None:
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\b|new Function|https?://"
    assert re.findall(unsafe, path.read_text("utf-8")) == []


def test_there_are_scripts_to_look_at() -> None:
    assert {path.stem for path in SCRIPTS} >= {"masthead", "thread", "library", "reader", "card"}


@pytest.mark.parametrize("theme", [":root", ".dark"])
def test_colours_contrast_enough_to_read(theme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    style = (PAGE / "page.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", style.split(f"{theme} {{")[1].split("}")[0]))
    grounds = ("paper", "card", "sunk")
    pairs = [
        (ink, ground) for ink in ("ink", "soft", "accent", "good", "warn") for ground in grounds
    ]
    pairs += [("on-accent", "accent"), ("mark-ink", "mark")]
    too_faint = [(one, two) for one, two in pairs if contrast(colours[one], colours[two]) < 4.5]
    assert too_faint == []
    assert contrast("#ffffff", colours["seal"]) >= 4.5


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
