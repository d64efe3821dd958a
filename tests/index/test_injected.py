"""Disk full, I/O errors, cut off, crowded: a sample here, all of it in `make soak`."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from index import Library, search

from ..hashed import Hashed, write
from .changing import CHANGES, prepare
from .crowding import crowd
from .injecting import broken, broken_at, ways
from .traced import need_strace


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_strace()
    folder = tmp_path_factory.mktemp("injected")
    for name in CHANGES:
        prepare(folder / name, name)
    return folder


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_call_fails_the_library_is_whole_and_one_line_says_so(
    prepared: Path, name: str
) -> None:
    chance, found, happened = random.Random(name), list[str](), 0
    for call, how in chance.sample(list(ways()), 4):
        number = chance.choice((1, 1, 2, 3, 5))
        told = broken(prepared, name, call, how, number)
        happened += told is not None
        found += [f"{call} {how} {number}: {each}" for each in told or ()]
    assert found == []
    assert happened > 0


def test_answers_are_those_of_one_state_while_it_changes(tmp_path: Path) -> None:
    began = time.monotonic()
    *wrong, looked = crowd(tmp_path, 4, 3)
    assert wrong == []
    answers, _, _, states, *_ = looked.split()
    assert int(answers) >= 5, looked  # however busy the machine
    assert int(states) >= 2, looked
    assert time.monotonic() - began < 120


@pytest.mark.parametrize("name", ["add", "remove"])
def test_wherever_the_disk_is_full_the_library_is_whole(prepared: Path, name: str) -> None:
    """Real short writes: no file may grow beyond a size."""
    chance, found = random.Random(name), list[str]()
    for largest in (0, *(chance.randrange(120_000) for _ in range(3))):
        found += [f"at {largest}: {each}" for each in broken_at(prepared, name, largest)]
    assert found == []


def test_a_lock_dies_with_the_process_that_held_it(tmp_path: Path) -> None:
    """Killed while it writes and makes indexes: the next one does not wait."""
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    library.close()
    holding = f"""
import sqlite3, time
from filelock import FileLock
FileLock({str(tmp_path / "library" / "derived" / "lock")!r}).acquire()
database = sqlite3.connect({str(tmp_path / "library" / "library.sqlite")!r}, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
database.execute("DELETE FROM review")
print("held", flush=True)
time.sleep(60)
"""
    (tmp_path / "library" / "derived").mkdir(exist_ok=True)
    holder = subprocess.Popen([sys.executable, "-c", holding], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    began = time.monotonic()
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    assert [hit.span.text for hit in search(library, "酒精伤骨。", 1)] == ["酒精伤骨。"]
    assert len(library.reviews) == 2
    assert time.monotonic() - began < 10


def test_a_writer_that_waits_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("index.waiting.SAID_AFTER", 0.1)
    library = Library(tmp_path / "library", Hashed())
    held = sqlite3.connect(
        library.folder / "library.sqlite", isolation_level=None, check_same_thread=False
    )
    held.execute("BEGIN IMMEDIATE")
    Timer(0.5, held.execute, ["ROLLBACK"]).start()
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    assert "another process is writing; waiting for it" in caplog.text
    assert len(library.reviews) == 1
