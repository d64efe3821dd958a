"""Killed, crowded, cut off between two steps: the library is as it was before or after."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import index.derive
from index import Library, LibraryError, search
from index.library import DATABASE
from index.store import Store

from ..hashed import Hashed, write

ROOT = Path(__file__).parents[2]


def python(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_at_any_instant_it_is_whole_and_nothing_told_is_lost(tmp_path: Path) -> None:
    done = python("-m", "tests.index.killing", tmp_path, "20", "7")
    broken, told = done.communicate(timeout=120)
    assert done.returncode == 0, told
    assert broken == ""
    during = int(told.split(",")[1].split()[0])
    assert during > 0, "no kill fell within a change"


def test_many_begin_one_library_at_once(tmp_path: Path) -> None:
    """SQLite does not wait by itself for another that turns a new database to a log."""
    at_once = threading.Barrier(4)

    def begin(folder: Path) -> None:
        at_once.wait()
        Store(folder / DATABASE).close()

    with ThreadPoolExecutor(at_once.parties) as threads:
        for number in range(50):
            folders = [tmp_path / str(number)] * at_once.parties
            list(threads.map(begin, folders))


def test_two_processes_add_at_once(tmp_path: Path) -> None:
    adding = """
import sys
from pathlib import Path
from index import Library
from tests.hashed import Hashed
library = Library(Path(sys.argv[1]), Hashed())
assert {each.what for each in library.add([Path(sys.argv[2])])} <= {"added", "named"}
"""
    for name in ("x", "y"):
        for at in range(25):
            write(tmp_path / name, f"{at}.txt", f"骨折{name}{at}。")
        write(tmp_path / name, "same.txt", "两处相同。")
    both = [python("-c", adding, tmp_path / "library", tmp_path / name) for name in ("x", "y")]
    for each in both:
        _, told = each.communicate(timeout=120)
        assert each.returncode == 0, told
    library = Library(tmp_path / "library", Hashed())
    assert len(library.reviews) == 51
    same = library.store.standing_at(str(tmp_path / "x" / "same.txt"))
    assert same == library.store.standing_at(str(tmp_path / "y" / "same.txt"))
    assert library.check() == []


def test_readers_see_one_state_while_another_process_writes(tmp_path: Path) -> None:
    """The two sentences of a file come and go together, in what is found and what is read."""
    library = Library(tmp_path / "library", Hashed())
    file = write(tmp_path, "pair.txt", "甲骨折0。\n\n乙骨折0。")
    library.add([file, write(tmp_path, "other.txt", "酒精伤骨。")])
    writing = f"""
from pathlib import Path
from index import Library
from tests.hashed import Hashed
library = Library(Path({str(tmp_path / "library")!r}), Hashed())
file = Path({str(file)!r})
for number in range(1, 41):
    file.write_text(f"甲骨折{{number}}。\\n\\n乙骨折{{number}}。", "utf-8")
    library.add([file])
"""
    writer = python("-c", writing)
    torn: list[list[str]] = []
    states: set[str] = set()

    def read() -> None:
        own = Library(tmp_path / "library", Hashed())
        while writer.poll() is None:
            texts = sorted(hit.span.text for hit in search(own, "骨折", 10))
            if len(texts) != 3 or texts[1][1:] != texts[0][1:].replace("甲", "乙"):
                torn.append(texts)
            states.add(texts[1])

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(timeout=120)
    assert writer.wait(timeout=60) == 0, writer.stderr and writer.stderr.read()
    assert torn == []
    assert len(states) > 2
    assert library.check() == [] or "yuanwen add" in library.check()[0].told


@pytest.mark.parametrize("lost", ["words committed, not noted", "nothing", "noted, not committed"])
def test_cut_off_between_database_and_indexes_it_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。"), write(tmp_path, "c.txt", "骨折。")])
    library.indexes()
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    library.remove("c")
    with monkeypatch.context() as cut:
        if lost == "words committed, not noted":

            def stop(*_: object) -> None:
                raise KeyboardInterrupt

            cut.setattr(index.derive, "_point", stop)
            with pytest.raises(KeyboardInterrupt):
                library.indexes()
    if lost == "noted, not committed":
        library.indexes()
        (words,) = (library.folder / "derived").glob("words-*")
        (words / "meta.json").unlink()
    library.close()
    again = Library(library.folder, Hashed())
    assert sorted(hit.span.text for hit in search(again, "骨")) == ["瘦素保护骨量。", "酒精伤骨。"]
    assert again.check() == []


def test_an_older_database_put_back_is_not_searched_by_newer_indexes(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    library.close()
    shutil.copy(library.folder / DATABASE, tmp_path / "kept.sqlite")
    library = Library(library.folder, Hashed())
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    library.indexes()
    library.close()
    shutil.copy(tmp_path / "kept.sqlite", library.folder / DATABASE)
    library = Library(library.folder, Hashed())
    library.add([write(tmp_path, "c.txt", "骨折多发。")])
    found = sorted(hit.span.text for hit in search(library, "骨"))
    assert found == ["瘦素保护骨量。", "骨折多发。"]


@pytest.mark.parametrize("damage", ["cut short", "other bytes", "lost", "no note", "foreign note"])
def test_damaged_indexes_are_made_anew(tmp_path: Path, damage: str) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。Wine harms bone.")])
    before = search(library, "骨")
    library.close()
    (folder,) = (library.folder / "derived").glob("vectors-*")
    file = folder / "0"
    if damage == "cut short":
        file.write_bytes(file.read_bytes()[:-8])
    elif damage == "other bytes":
        file.write_bytes(bytes(file.stat().st_size))
    elif damage == "lost":
        file.unlink()
    elif damage == "no note":
        (folder / "made.note").write_text("{")
    else:
        note = folder / "made.note"
        note.write_bytes(note.read_bytes().replace(b'"change": ', b'"change": 1'))
    assert search(Library(library.folder, Hashed()), "骨") == before


def test_what_the_disk_does_not_take_is_one_line_and_no_change(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    pages = library.store._one("PRAGMA page_count")
    assert pages
    connect = library.store._connect

    def full() -> sqlite3.Connection:
        database = connect()
        database.execute(f"PRAGMA max_page_count = {pages[0]}")
        return database

    library.store._connect = full  # type: ignore[method-assign]
    with pytest.raises(LibraryError, match="nothing was changed") as error:
        library.add([write(tmp_path, "b.txt", "酒精伤骨。" * 3000)])
    assert "\n" not in str(error.value)
    assert list(library.reviews) == ["a"]
    assert library.check() == []
