"""A document's text cannot give orders to the terminal that it is printed to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import Library
from qa.terminal import Terminal, printing

from ..hashed import Hashed, write

pty = pytest.importorskip("pty", reason="this system has no such terminals")
TITLE = "骨折\x9b2J与\x9b8m肝病"


def listed(folder: Path, stdout: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "qa", "sources", "--library", str(folder)]
    return subprocess.Popen(command, stdout=stdout)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, f"{TITLE}.txt", "酒精伤骨。")])
    assert [review.record.title for review in library.reviews.values()] == [TITLE]
    library.close()
    return library.folder


def test_a_terminal_is_shown_orders_and_does_not_get_them(hostile: Path) -> None:
    ours, theirs = pty.openpty()
    process = listed(hostile, theirs)
    os.close(theirs)
    shown = b""
    try:
        while read := os.read(ours, 4096):
            shown += read
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait(30) == 0
    assert r"《骨折\x9b2J与\x9b8m肝病》" in shown.decode()
    assert all(char.isprintable() or char in "\r\n" for char in shown.decode())


def test_a_program_gets_every_character_as_it_is(hostile: Path) -> None:
    got, _ = listed(hostile, subprocess.PIPE).communicate(timeout=30)
    assert TITLE in got.decode()


def test_what_shows_or_joins_letters_is_left_as_it_is(tmp_path: Path) -> None:
    harmless = "全角\u3000空格，不\xa0断，👩\u200d⚕️，\u200fעברית，\t制表\n"
    file = tmp_path / "shown"
    with file.open("w", encoding="utf-8") as stream:
        assert Terminal(stream).write(harmless) == len(harmless)
        Terminal(stream).write("\x1b]0;x\x07\u202e\u2066\x7f\r")
    assert file.read_text("utf-8") == harmless + r"\x1b]0;x\x07\u202e\u2066\x7f\r"


def test_what_was_printed_to_before_is_so_again() -> None:
    before = sys.stdout
    with printing():
        pass
    assert sys.stdout is before
