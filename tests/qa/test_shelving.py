"""Adding, keeping in step, describing and removing, as the command line tells it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qa.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run a command on a library that starts empty; return its exit code, output and errors."""

    def run(command: str, *arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([command, "--library", str(tmp_path / "library"), *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "tea.txt").write_text("喝茶与骨密度有关[1]。", "utf-8")
    (folder / "wine.txt").write_text("Wine harms bone.", "utf-8")
    return folder


def test_what_is_unchanged_is_skipped_and_said(run, papers: Path) -> None:
    assert run("add", papers)[:2] == (
        0,
        "tea  《tea》  1 段/passages\nwine  《wine》  1 段/passages\n",
    )
    assert run("add", papers)[:2] == (0, "2 个文件未变，已跳过 / files unchanged, skipped\n")
    (papers / "tea.txt").write_text("喝茶与骨密度无关[1]。", "utf-8")
    code, out, _ = run("add", papers)
    assert code == 0
    assert out.splitlines()[0] == "tea  《tea》  1 段/passages  已更新/replaced"


def test_a_bad_file_is_one_line_and_the_exit_code(run, papers: Path) -> None:
    (papers / "bad.txt").write_bytes(bytes(range(256)) * 8)
    (papers / "empty.txt").write_bytes(b"")
    code, out, err = run("add", papers)
    assert code == 1
    assert len(out.splitlines()) == 2
    assert [line.split(":")[0] for line in err.splitlines()] == ["yuanwen", "yuanwen"]
    assert "bad.txt" in err
    assert "empty.txt" in err
    assert run("add", papers / "bad.txt")[0] == 2


def test_sync(run, papers: Path) -> None:
    run("sync", papers)
    (papers / "tea.txt").unlink()
    (papers / "soup.txt").write_text("喝汤伤骨。", "utf-8")
    code, out, _ = run("sync", papers)
    assert code == 0
    assert "soup  《soup》" in out
    assert "已移除/removed" in out
    listed = [json.loads(line)["id"] for line in run("sources", "--json")[1].splitlines()]
    assert listed == ["wine", "soup"]


def test_a_record_is_told_with_the_file_or_later(run, papers: Path) -> None:
    told = ("--title", "茶与骨", "--authors", "张三；李四", "--year", "2020", "--doi", "10.1/x")
    assert run("add", papers / "tea.txt", *told)[0] == 0
    assert "《茶与骨》" in run("sources")[1]
    code, out, _ = run("describe", "tea", "--journal", "茶学", "--year", "")
    assert code == 0
    assert "刊名 / journal: 茶学" in out
    assert "张三; 李四" in out
    assert "2020" not in out
    for wrong in (("add", papers, "--title", "x"), ("describe", "nope", "--title", "x")):
        code, out, err = run(*wrong)
        assert (code, out, err.count("\n")) == (2, "", 1)
    code, _, err = run("describe", "tea", "--year", "soon")
    assert (code, err.count("\n")) == (2, 1)


def test_remove_takes_paths(run, papers: Path) -> None:
    run("add", papers)
    assert run("remove", papers / "tea.txt", "wine")[0] == 0
    assert run("sources")[1] == ""
    assert run("remove", papers)[0] == 2


def test_verify_shows_what_changed(run, papers: Path, tmp_path: Path) -> None:
    run("add", papers)
    told = json.loads(run("ask", "喝茶与骨密度有关吗？", "--json", "--source", "tea")[1])
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(told), "utf-8")
    assert run("verify", answer)[0] == 0
    copied = tmp_path / "copy.txt"
    copied.write_bytes((papers / "tea.txt").read_bytes())
    run("remove", "tea")
    assert run("verify", answer)[0] == 1
    assert run("verify", answer, "--file", copied)[0] == 0
    (papers / "tea.txt").write_text("喝茶与骨密度无关[1]。", "utf-8")
    code, out, _ = run("verify", answer, "--file", papers / "tea.txt")
    assert code == 1
    assert "    - 喝茶与骨密度有关[1]。\n    + 喝茶与骨密度无关[1]。\n" in out


def test_check_and_repair(run, papers: Path, tmp_path: Path) -> None:
    run("add", papers)
    assert run("check")[:2] == (0, "文献库完好 / the library is whole\n")
    for file in (tmp_path / "library" / "derived").rglob("*"):
        if file.is_file() and file.name != "lock":
            file.write_bytes(b"x")
    assert run("check", "--repair")[0] == 0
    assert run("check")[0] == 0


def test_stopped_it_keeps_what_was_done_and_says_how_many(tmp_path: Path) -> None:
    """Ctrl-C in the middle of many files, in a process of its own."""
    folder = tmp_path / "many"
    folder.mkdir()
    for at in range(400):
        (folder / f"{at:03}.txt").write_text(f"骨折{at}。", "utf-8")
    script = (
        "import sys; from qa import assistant, cli; from tests.hashed import Hashed;"
        "assistant.default_encoder = Hashed; sys.exit(cli.main(sys.argv[1:]))"
    )
    library = ("--library", str(tmp_path / "library"))
    adding = subprocess.Popen(
        [sys.executable, "-u", "-c", script, "add", *library, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert adding.stdout
    lines = [adding.stdout.readline() for _ in range(5)]
    adding.send_signal(signal.SIGINT)
    out, err = adding.communicate(timeout=60)
    lines += out.splitlines()
    assert adding.returncode == 130, err
    assert err.count("\n") == 1
    done = int(err.split(" files are done")[0].split()[-1])
    assert 5 <= done < 400
    assert done - len(lines) in (0, 1)
    listed = subprocess.run(
        [sys.executable, "-c", script, "sources", *library, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert len(listed.stdout.splitlines()) - done in (0, 1)


HEAVY = ("torch", "transformers", "sentence_transformers", "gradio")
HEAVY += ("citeproc", "bibtexparser", "rispy")


@pytest.mark.parametrize(
    ("command", "without"),
    [
        ("--help", (*HEAVY, "faiss", "rjieba")),
        ("sources --library {library}", (*HEAVY, "faiss", "rjieba")),
        ("verify --library {library} {answer}", (*HEAVY, "faiss", "rjieba")),
        ("describe --library {library} liver-osteoporosis", (*HEAVY, "faiss", "rjieba")),
        ("check --library {library}", HEAVY),
        ("remove --library {library} liver-osteoporosis", HEAVY),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_what_needs_no_model_loads_none(
    tmp_path: Path, bundled: Path, assistant, command: str, without: tuple[str, ...]
) -> None:
    library, answer = tmp_path / "library", tmp_path / "answer.json"
    library.mkdir()
    (library / "library.sqlite").write_bytes((bundled / "library.sqlite").read_bytes())
    for more in bundled.glob("library.sqlite-*"):
        (library / more.name).write_bytes(more.read_bytes())
    answer.write_text(json.dumps(assistant.ask("维生素K").as_dict()), "utf-8")
    arguments = command.format(library=library, answer=answer).split()
    script = (
        "import sys\nfrom qa.cli import main\n"
        "try: code = main(sys.argv[2:])\nexcept SystemExit as stop: code = stop.code\n"
        "assert not code, code\n"
        "loaded = sys.modules.keys() & set(sys.argv[1].split(','))\n"
        "assert not loaded, loaded\n"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, ",".join(without), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 30
