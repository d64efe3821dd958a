"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from index import Library, default_encoder
from qa.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```bash\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.startswith("yuanwen ")
]
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture
def workplace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundled: Path) -> Path:
    """A folder with the files that the README's commands name, and a default library."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YUANWEN_LIBRARY", str(tmp_path / "library"))
    Library(tmp_path / "library", default_encoder()).fill()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "tea.txt").write_text("喝茶与骨密度有关[1]。", "utf-8")
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "question": "骨密度"}\n', "utf-8")
    return tmp_path


def test_there_are_commands_and_python() -> None:
    assert len(COMMANDS) >= 6
    assert len(PYTHON) == 1


def test_every_command_runs(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        words, _, target = command.split("#")[0].partition(">")
        arguments = shlex.split(words)[1:]
        if arguments[0] == "serve":
            continue
        if arguments[:2] == ["evaluate", "benchmarks/questions.jsonl"]:
            continue  # tests/qa/test_quality.py runs it
        capsys.readouterr()
        assert main(arguments) == 0, command
        if target.strip():
            (workplace / target.strip()).write_text(capsys.readouterr().out, "utf-8")


def test_the_answer_shown_is_the_answer_given(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```console\n\$ (yuanwen ask .*?)\n(.*?)```", README, re.S)
    assert shown
    assert main(shlex.split(shown[1])[1:]) == 0
    assert capsys.readouterr().out.strip() == shown[2].strip()


def test_the_python_runs(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PYTHON[0], "README.md", "exec"), {})
    assert "维生素K缺乏" in capsys.readouterr().out
