"""Questions, receipts and settings that nobody would send: a plain error or a right answer."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import qa.assistant
from index import Library, LibraryError
from qa import Assistant, Verifier
from qa.cli import main
from qa.errors import AnswerError, QuestionError
from qa.web.asking import ask
from qa.web.exporting import SUFFIXES, export
from qa.web.opening import Loader

from ..hashed import Hashed

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ANY = st.text(st.characters(exclude_categories=()), max_size=40)
"""Half of a surrogate pair, too: JSON can hold one."""
WORDS = st.one_of(ANY, st.sampled_from(["骨量如何？", "那儿童呢？", "RANKL/OPG", "liver", "13%"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    library = Library(tmp_path_factory.mktemp("hostile") / "library", Hashed())
    library.fill()
    yield Assistant(library)
    library.close()


@pytest.fixture(scope="module")
def told(quick: Assistant) -> dict[str, Any]:
    answer = quick.ask("维生素K缺乏为什么会导致骨丢失？").as_dict()
    answer = json.loads(json.dumps(answer))
    return {**answer, "quotes": answer["quotes"] or answer["nearest"], "nearest": []}


def one_line(error: Exception) -> None:
    assert str(error).strip()
    assert "\n" not in str(error)


@QUICK
@example("骨", [], ["\n¬"], 3)
@given(
    WORDS,
    st.lists(WORDS, max_size=3),
    st.none() | st.lists(WORDS | st.just("liver-osteoporosis"), max_size=2),
    st.one_of(st.integers(), st.integers(1, 9)),
)
def test_whatever_is_asked_is_answered_or_told(
    quick: Assistant, question: str, history: list[str], sources: list[str] | None, k: int
) -> None:
    try:
        answer = quick.ask(question, history, sources, k)
    except (QuestionError, LibraryError) as error:
        one_line(error)
        return
    sent = json.loads(json.dumps(answer.as_dict()))
    assert {each.fault for each in Verifier(quick.library).verify(sent)} <= {None}


@QUICK
@given(WORDS, st.lists(WORDS | st.just("liver-osteoporosis"), max_size=2))
def test_whatever_entry_is_looked_for(quick: Assistant, entry: str, sources: list[str]) -> None:
    try:
        quick.cites(entry, sources or None)
    except (QuestionError, LibraryError) as error:
        one_line(error)


@QUICK
@given(JSON | st.fixed_dictionaries({"question": WORDS, "history": st.lists(WORDS, max_size=2)}))
def test_whatever_the_page_sends_comes_back_as_json(quick: Assistant, turn: Any) -> None:
    json.dumps(ask(Loader(lambda _: quick), turn)).encode()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place within JSON: what holds it, and its key."""
    for key, inner in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield value, key
        yield from places(inner)


@settings(QUICK, max_examples=20)
@given(st.data())
def test_no_receipt_that_was_tampered_with_is_proven(
    quick: Assistant, told: dict[str, Any], data: st.DataObject
) -> None:
    """What verifies says what the file says, whatever else was changed; so does what is exported."""
    answer = copy.deepcopy(told)
    spots = list(places(answer["quotes"]))
    inside, key = spots[data.draw(st.integers(0, len(spots) - 1))]
    inside[key] = data.draw(JSON | st.integers(0, 30_000))
    try:
        verdicts = list(Verifier(quick.library).verify(answer))
    except AnswerError as error:
        one_line(error)
    else:
        for verdict, sent, true in zip(verdicts, answer["quotes"], told["quotes"], strict=False):
            if verdict.fault is None:
                assert sent["text"] == true["text"]
                assert sent["highlight"] == true["highlight"]
                assert sent["receipt"]["text_sha256"] == true["receipt"]["text_sha256"]
    style = data.draw(st.sampled_from(sorted(SUFFIXES)))
    loader = Loader(lambda _: quick)
    json.dumps(export(loader, {"style": style, "turns": [{"quotes": answer["quotes"]}]})).encode()


@QUICK
@given(JSON, st.sampled_from(["ANSWER", "QUOTES", "LINE"]))
def test_any_json_is_verified_or_refused(quick: Assistant, told: Any, where: str) -> None:
    answer = {"ANSWER": told, "QUOTES": {"quotes": told}, "LINE": {"quotes": [told]}}[where]
    if where != "ANSWER":
        answer["nearest"] = []
    if not isinstance(answer, dict):
        return  # the command says so before
    try:
        list(Verifier(quick.library).verify(answer))
    except AnswerError as error:
        one_line(error)


ENVIRONMENT = [
    *(("LIBRARY", value) for value in ("file", "file/below", "x" * 300, "/" + "y/" * 3000)),
    *(("LIBRARY", value) for value in ("/dev/null", "/proc/none", "pipe")),
    *(("ENGINE", value) for value in ("x", "a\nb", "\udcff", "\x1b[31m")),
    *(("ENGINE_URI", value) for value in ("", "x", "http://[", "http://host:99999", "file:///x")),
    *(("ENGINE_TOKEN_FILE", value) for value in ("none", ".", "bytes", "x" * 300)),
    ("ENGINE_TOKEN", "\udcff"),
]


@pytest.mark.parametrize(("name", "value"), ENVIRONMENT, ids=lambda each: repr(each)[:20])
def test_a_setting_that_is_nonsense_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qa.assistant, "default_encoder", Hashed)
    (tmp_path / "file").write_text("a file")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\0")
    (tmp_path / "pipe").symlink_to("/dev/zero")
    if name.startswith("ENGINE_"):
        monkeypatch.setenv("YUANWEN_ENGINE", "milvus")
        monkeypatch.setenv("YUANWEN_ENGINE_URI", "http://127.0.0.1:1")
    monkeypatch.setenv(f"YUANWEN_{name}", value)
    assert main(["ask", "骨量如何？"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("yuanwen: ")
    assert "\x1b" not in line


def test_a_folder_that_cannot_be_is_told() -> None:
    with pytest.raises(LibraryError):
        Assistant.open("a\0b", Hashed())
