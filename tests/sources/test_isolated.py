"""Strangers' files are read apart: whatever they do there is one line here, and the rest goes in."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Library
from sources import Record, Review, SourceError, bundled_reviews, read_bytes
from sources.arriving import arrived
from sources.isolated import SECONDS_PER_MB, Reader
from sources.packed import pack_content, pack_record
from sources.reading import read_bytes as read_here

from ..hashed import Hashed
from .papers import paper
from .rendering import html

ROOT = Path(__file__).parents[2]
PROSE = b"Bone loss is common. Fractures follow."
SMALL = 90 * 2**20
LONG = ("骨密度降低，骨折风险升高。" * 40 + "\n\n").encode() * 2000


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.stop()


def test_it_reads_what_is_read_here(reader: Reader) -> None:
    for review in bundled_reviews():
        data = Path(review.place).read_bytes()
        record = Record("给出的题名", authors=("张三",), year=2020)
        apart = reader.read(data, Path(review.place), record, "x")
        here = read_here(data, Path(review.place), record, "x")
        for each in dataclasses.fields(Review):
            assert getattr(apart, each.name) == getattr(here, each.name)


def test_it_takes_too_long() -> None:
    slow = Reader(seconds=0.6 - SECONDS_PER_MB * len(LONG) / 1e6)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"slow\.txt.*within limits") as error:
        slow.read(LONG, Path("slow.txt"))
    assert time.monotonic() - began < 5
    assert "\n" not in str(error.value)
    slow.stop()


def test_it_takes_too_much_memory() -> None:
    small = Reader(memory=SMALL)
    with pytest.raises(SourceError, match=r"big\.txt.*within limits.*MB") as error:
        small.read(LONG, Path("big.txt"))
    assert "\n" not in str(error.value)
    assert [each.text for each in small.read(PROSE, Path("a.txt")).sentences] == [
        "Bone loss is common.",
        "Fractures follow.",
    ]
    small.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_it_breaks_down_and_the_next_file_is_read(reader: Reader, how: signal.Signals) -> None:
    reader.read(PROSE, Path("a.txt"))
    assert reader._process is not None
    ended = threading.Timer(0.2, os.kill, (reader._process.pid, how))
    ended.start()
    with pytest.raises(SourceError, match=r"b\.txt.*broke off"):
        reader.read(LONG, Path("b.txt"))
    assert len(reader.read(PROSE, Path("c.txt")).sentences) == 2


def test_the_process_is_replaced_before_it_is_old() -> None:
    reader, seen = Reader(files=2), set()
    for at in range(4):
        reader.read(PROSE, Path(f"{at}.txt"))
        seen.add(reader._process and reader._process.pid)
    assert None in seen
    assert len(seen - {None}) == 2
    reader.stop()


def test_the_rest_of_a_folder_goes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Reader(memory=SMALL)
    monkeypatch.setattr("sources.isolated._reader", small)
    for name, data in {"a.txt": PROSE, "b.txt": LONG, "c.html": html(paper("en", 3))}.items():
        (tmp_path / "papers").mkdir(exist_ok=True)
        (tmp_path / "papers" / name).write_bytes(data)
    library = Library(tmp_path / "library", Hashed())
    taken = library.add([tmp_path / "papers"])
    assert [each.what for each in taken] == ["added", "failed", "added"]
    assert "b.txt" in str(taken[1].fault)
    small.stop()


def test_stopping_the_program_stops_it(tmp_path: Path) -> None:
    """Ctrl-C in a terminal: the reading process ends too, and nothing of the file went in."""
    (tmp_path / "long.txt").write_bytes(LONG)
    adding = f"""
import sys
from pathlib import Path
from index import Library
from sources import isolated
from tests.hashed import Hashed
isolated.read_bytes(b"Bone is bone.", Path("warm.txt"))
print(isolated._reader._process.pid, flush=True)
Library(Path({str(tmp_path / "library")!r}), Hashed()).add([Path({str(tmp_path / "long.txt")!r})])
"""
    program = subprocess.Popen(
        [sys.executable, "-c", adding],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout
    apart = int(program.stdout.readline())
    time.sleep(0.2)
    program.send_signal(signal.SIGINT)
    _, told = program.communicate(timeout=30)
    assert "KeyboardInterrupt" in told
    with pytest.raises(ProcessLookupError):
        os.kill(apart, 0)
    assert len(Library(tmp_path / "library", Hashed()).reviews) == 0


def test_a_fork_has_a_process_of_its_own() -> None:
    read_bytes(PROSE, Path("a.txt"))
    child = os.fork()
    if child == 0:
        done = len(read_bytes(PROSE, Path("b.txt")).sentences) == 2
        os._exit(0 if done else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(read_bytes(PROSE, Path("c.txt")).sentences) == 2


CONFINED = """
import ctypes, os, socket, sys
from sources.confinement import confine
folder = sys.argv[1]
confine()
libc = ctypes.pythonapi
refused = []
def attempt(name, call):
    try:
        told = call()
    except (OSError, MemoryError):
        told = -1
    if told == -1:
        refused.append(name)
path = os.path.join(folder, "new").encode()
kept = os.path.join(folder, "kept").encode()
attempt("create", lambda: libc.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
attempt("change", lambda: libc.open(kept, os.O_WRONLY))
attempt("remove", lambda: libc.unlink(kept))
attempt("rename", lambda: libc.rename(kept, path))
attempt("folder", lambda: libc.mkdir(path, 0o700))
class Address(ctypes.Structure):
    _fields_ = [("family", ctypes.c_ushort), ("port", ctypes.c_uint16), ("host", ctypes.c_uint32), ("rest", ctypes.c_byte * 8)]
def connect(kind):
    made = libc.socket(2, kind, 0)
    to = Address(2, int.from_bytes(int(sys.argv[2]).to_bytes(2, "big"), "little"), 0x0100007F)
    return libc.connect(made, ctypes.byref(to), ctypes.sizeof(to))
attempt("tcp", lambda: connect(1))
attempt("memory", lambda: len(bytearray(4 * 2**30)))
attempt("python", lambda: open(kept, "ab"))
print(*refused)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what the kernel denies is Linux's")
def test_the_kernel_denies_it_what_it_gave_up(tmp_path: Path) -> None:
    """Through the C library, as code that a file smuggled in would do it."""
    import socket

    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "kept").write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = subprocess.run(
            [sys.executable, "-c", CONFINED, folder, str(listening.getsockname()[1])],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stderr == ""
    refused = set(done.stdout.split())
    if not landlocked():
        refused |= {"create", "change", "remove", "rename", "folder", "tcp"}
    assert refused == {
        *("create", "change", "remove", "rename", "folder", "tcp", "memory", "python")
    }
    assert (folder / "kept").read_text() == "x"
    assert [each.name for each in folder.iterdir()] == ["kept"]


def landlocked() -> bool:
    import ctypes

    return ctypes.CDLL(None).syscall(444, None, 0, 1) >= 4


def packed(review: Review, **changes: Any) -> dict[str, str]:
    raw, layout, rest = pack_content(review)
    told = {"record": pack_record(review.record), "raw": raw, "layout": layout, "rest": rest}
    for name, (old, new) in changes.items():
        assert old in told[name]
        told[name] = told[name].replace(old, new, 1)
    return told


WRONG = {
    "outside": {"layout": ('"paragraphs": [[0, ', '"paragraphs": [[0, 9')},
    "backwards": {"layout": ('"paragraphs": [[0, ', '"paragraphs": [[9999, ')},
    "a word for a number": {"layout": ('"paragraphs": [[0, ', '"paragraphs": [["0", ')},
    "no whole number": {"layout": ('"paragraphs": [[0, ', '"paragraphs": [[0.0, ')},
    "truth for a number": {"layout": ('"level": 1', '"level": true')},
    "another role": {"layout": ('"role": "body"', '"role": "script"')},
    "its own parent": {"layout": ('"parent": null', '"parent": 0')},
    "alignment": {"layout": ('"starts": [0', '"starts": [1')},
    "beyond the file": {"raw": ("Bone", "B")},
    "no list": {"rest": ('"pages": []', '"pages": 3')},
    "unknown field": {"rest": ('"pages"', '"pagez"')},
    "no JSON": {"layout": ("{", "")},
    "deep": {"rest": ("[]", "[" * 5000 + "]" * 5000)},
    "title": {"record": ('"title": "a"', '"title": ["a"]')},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_hold_together_is_not_believed(name: str) -> None:
    review = read_here(PROSE, Path("a.txt"))
    assert arrived(packed(review), "a", review.sha256, "/a.txt") == review
    with pytest.raises(ValueError, match=r"."):
        arrived(packed(review, **WRONG[name]), "a", review.sha256, "/a.txt")


@pytest.mark.parametrize("told", [None, [], "x", {}, {"record": 1}, 3, {"raw": "x"}])
def test_nor_is_anything_else(told: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        arrived(told, "a", "", "/a.txt")
