"""The command line: what it prints, and one plain line for every mistake."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from qa.cli import main

QUESTION = "维生素K缺乏为什么会导致骨丢失？"


@pytest.fixture
def run(bundled: Path, capsys: pytest.CaptureFixture[str]):
    """Run a command on the bundled library; return its exit code, output and errors."""

    def run(command: str, *arguments: str | Path, library: Path = bundled) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([command, "--library", str(library), *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_ask_for_people(run) -> None:
    code, out, _ = run("ask", QUESTION)
    assert code == 0
    assert "【通过这种方式，维生素K缺乏会导致骨丢失而发生骨质疏松[13]。】" in out
    assert "2.5 其他因素影响" in out


def test_ask_says_when_the_reviews_do_not(run) -> None:
    assert "The reviews do not say" in run("ask", "Will it rain in Shanghai tomorrow?")[1]


def test_ask_follows_up(run) -> None:
    code, out, _ = run(
        "ask", "--history", "血清FGF23和肥胖指标有什么关系？", "那FGF19呢？", "--json"
    )
    told = json.loads(out)
    assert code == 0
    assert told["read_as"] == "血清FGF23和肥胖指标有什么关系？ 那FGF19呢？"
    assert "FGF" in told["quotes"][0]["highlight"]


def test_batch_keeps_order_and_ids(run, tmp_path: Path) -> None:
    asked = [
        {"id": "b", "question": QUESTION},
        {"id": "a", "question": "那K2呢？", "history": [QUESTION]},
        {"id": 3, "question": "骨密度", "sources": ["obesity-osteoporosis"]},
    ]
    file = tmp_path / "asked.jsonl"
    file.write_text("\n".join(map(json.dumps, asked)), "utf-8")
    code, out, _ = run("ask", "--batch", file, "--json", "--k", "1")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["id"] for answer in answers] == ["b", "a", 3]
    shown = answers[2]["quotes"] or answers[2]["nearest"]
    assert [quote["source"]["id"] for quote in shown] == ["obesity-osteoporosis"]


def test_sources(run) -> None:
    code, out, _ = run("sources", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [review["sentences"] for review in told] == [54, 102]
    assert all(review["title_assigned"] for review in told)
    assert told[1]["set_aside"][0]["reason"] == "furniture"
    assert "102 句/sentences" in run("sources")[1]


def test_add_ask_verify_export_remove(run, tmp_path: Path) -> None:
    library, folder = tmp_path / "own", tmp_path / "papers"
    folder.mkdir()
    (folder / "tea.md").write_text("# Tea\n\nTea drinkers keep more bone[1]. Coffee does not.\n")
    (folder / "notes.xyz").write_text("not read")
    assert run("add", folder, library=library)[:2] == (0, "tea  《tea》  1 段/passages\n")
    code, out, _ = run("ask", "Do tea drinkers keep more bone?", "--json", library=library)
    answer = tmp_path / "answer.json"
    answer.write_text(out, "utf-8")
    assert run("verify", answer, library=library)[0] == 0
    told = json.loads(out)
    told["quotes"] = told["quotes"] or told["nearest"]
    answer.write_text(json.dumps(told), "utf-8")
    for style in ("gbt7714", "bibtex", "ris", "csl-json", "plain"):
        code, out, _ = run("export", answer, "--style", style, library=library)
        assert code == 0
        assert "tea" in out
    told["quotes"][0]["text"] = "Tea drinkers keep less bone[1]."
    answer.write_text(json.dumps(told), "utf-8")
    code, out, _ = run("verify", answer, library=library)
    assert code == 1
    assert "1 (tea)" in out
    assert run("remove", "tea", library=library)[0] == 0
    assert run("sources", library=library)[1] == ""
    assert run("check", library=library)[0] == 0


def test_a_named_library_starts_empty(run, tmp_path: Path) -> None:
    code, out, _ = run("ask", QUESTION, library=tmp_path / "none")
    assert code == 0
    assert "原文没有说" in out


def mistakes(folder: Path) -> dict[str, tuple[list[str | Path], str]]:
    """Return wrong commands by name, with a word that the message must hold."""
    for name, text in {"bad.jsonl": "{", "empty.txt": "", "typed.jsonl": '{"question": 3}'}.items():
        (folder / name).write_text(text)
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "empty").mkdir()
    return {
        "empty question": (["ask", ""], "empty"),
        "long question": (["ask", "骨" * 100_000], "too long"),
        "no question": (["ask"], "--batch"),
        "unknown source": (["ask", "骨", "--source", "nope"], "nope"),
        "k": (["ask", "骨", "--k", "0"], "k must be"),
        "missing batch": (["ask", "--batch", folder / "none.jsonl"], "none.jsonl"),
        "bad batch": (["ask", "--batch", folder / "bad.jsonl"], "bad.jsonl:1"),
        "typed batch": (["ask", "--batch", folder / "typed.jsonl"], "typed.jsonl"),
        "missing file": (["add", folder / "none.txt"], "none.txt"),
        "empty file": (["add", folder / "empty.txt"], "empty.txt"),
        "binary file": (["add", folder / "binary.txt"], "binary.txt"),
        "empty folder": (["add", folder / "empty"], "holds no file"),
        "unknown review": (["remove", "nope"], "nope"),
        "not an answer": (["verify", folder / "typed.jsonl"], "not an answer"),
        "no questions": (["evaluate", folder / "empty.txt"], "empty.txt"),
        "not questions": (["evaluate", folder / "typed.jsonl"], "typed.jsonl:1"),
    }


def test_every_mistake_gives_one_line_and_changes_nothing(run, tmp_path: Path) -> None:
    before = run("sources", "--json")
    for name, (arguments, word) in mistakes(tmp_path).items():
        code, out, err = run(*arguments)
        assert (code, out) == (2, ""), name
        assert err.startswith("yuanwen: "), name
        assert err.count("\n") == 1, name
        assert word in err, name
    assert run("sources", "--json") == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_gives_one_line(run, tmp_path: Path) -> None:
    file = tmp_path / "locked.txt"
    file.write_text("骨。")
    file.chmod(0)
    code, _, err = run("add", file)
    assert code == 2
    assert "locked.txt" in err
