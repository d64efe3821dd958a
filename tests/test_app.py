"""The page's server side, and what its files must keep to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from starlette.testclient import TestClient

import app
from qa import Assistant
from qa.web.opening import Loader

PAGE = Path(app.__file__).parent / "qa" / "page"
WEB = sorted((PAGE.parent / "web").glob("*.py"))
SCRIPTS = sorted(PAGE.glob("*.js"))
QUESTION = "维生素K缺乏为什么会导致骨丢失？"


@pytest.fixture(scope="module")
def loader(assistant: Assistant) -> Loader:
    return Loader(lambda _: assistant)


@pytest.fixture(scope="module")
def client(loader: Loader) -> Iterator[TestClient]:
    with TestClient(app.create_app(loader), base_url="http://127.0.0.1:7860") as client:
        yield client


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
    sources = "".join(path.read_text("utf-8") for path in [*SCRIPTS, *WEB, Path(app.__file__)])
    quoted = set(re.findall(r'"(\w+)"', sources))
    assert [key for key in app.WORDS["zh"] if key not in quoted] == []
    used = re.findall(r'(?:told|label): "(\w+)"|(?:say|told)\([^)]*"(\w+)"', sources)
    assert [name for pair in used for name in pair if name and name not in app.WORDS["zh"]] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path: Path) -> None:
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\b|new Function|https?://"
    assert re.findall(unsafe, path.read_text("utf-8")) == []


def test_there_are_scripts_to_look_at() -> None:
    assert {path.stem for path in SCRIPTS} >= {"masthead", "thread", "shelf", "reader", "card"}


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
