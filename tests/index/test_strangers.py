"""A library's folder from elsewhere: nothing in it is opened, followed or run that should not be."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from index import Library, LibraryError, search
from index.derive import _hashes, _Pointer
from index.key import key_file
from index.library import DATABASE
from index.notes import hash_of, read_note, write_note
from index.vector_files import _Made

from ..hashed import Hashed, write

TEXTS = {"a.txt": "瘦素保护骨量。Wine harms bone.", "b.txt": "酒精伤骨。\n\n骨折多发。"}


def made(folder: Path, texts: dict[str, str] = TEXTS) -> Path:
    """Return the folder of a closed library of some texts, with its indexes."""
    library = Library(folder / "library", Hashed())
    library.add([write(folder, name, text) for name, text in texts.items()])
    library.indexes()
    library.close()
    return library.folder


def found(folder: Path) -> list[str]:
    library = Library(folder, Hashed())
    texts = [hit.span.text for hit in search(library, "骨", 10)]
    library.close()
    return sorted(texts)


def vectors(folder: Path) -> Path:
    (only,) = (folder / "derived").glob("vectors-*")
    return only


def words(folder: Path) -> Path:
    (only,) = (folder / "derived").glob("words-*")
    return only


def with_false_words(tmp_path: Path) -> Path:
    """Return a library whose words are whole, sealed, and of something else."""
    folder = made(tmp_path)
    other = words(made(tmp_path / "other", {"x.txt": "激素保护骨量。Wine heals bone."}))
    shutil.rmtree(words(folder))
    told = read_note(folder / "derived" / "words.note", _Pointer)
    assert told
    now = shutil.copytree(other, folder / "derived" / told.folder)
    again = replace(told, files=_hashes(now, {}))
    write_note(folder / "derived" / "words.note", asdict(again))
    return folder


def with_false_vectors(tmp_path: Path) -> Path:
    """Return a library whose vectors are whole, sealed, and of something else."""
    folder = made(tmp_path)
    other = vectors(made(tmp_path / "other", {"x.txt": "激素保护骨量。Wine heals bone."}))
    note = vectors(folder) / "made.note"
    told = read_note(note, _Made)
    assert told
    files = [[*each[:3], [hash_of(other / str(at))], each[4]] for at, each in enumerate(told.files)]
    for at in range(len(files)):
        shutil.copy(other / str(at), vectors(folder) / str(at))
    again = replace(told, files=files)
    write_note(note, asdict(again))
    return folder


def test_indexes_of_this_account_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = with_false_vectors(tmp_path)
    assert len(found(folder)) < 4
    assert [fault.part for fault in Library(folder, Hashed()).check()] == ["derived"]
    folder = with_false_words(tmp_path / "words")
    assert [fault.part for fault in Library(folder, Hashed()).check()] == ["derived"]
    assert Library(folder, Hashed()).repair() == []


def test_indexes_of_another_account_are_made_anew(tmp_path: Path) -> None:
    folder = with_false_vectors(tmp_path)
    before = vectors(folder), words(folder)
    key_file().unlink()
    assert len(found(folder)) == 4
    assert not before[0].exists()
    assert not before[1].exists()
    assert Library(folder, Hashed()).check() == []
    now = vectors(folder), words(folder)
    found(folder)
    assert (vectors(folder), words(folder)) == now, "made once"


@pytest.mark.parametrize("damage", ["vector", "word", "more", "link", "managed"])
def test_no_file_is_opened_that_is_not_the_one_that_was_made(tmp_path: Path, damage: str) -> None:
    folder = made(tmp_path)
    inside, mine = words(folder), tmp_path / "mine"
    before = vectors(folder) if damage == "vector" else inside
    if damage == "vector":
        file = before / "0"
        file.write_bytes(file.read_bytes()[:-4] + b"\0\0\x80\x7f")
    elif damage == "word":
        file = max(inside.iterdir(), key=lambda each: each.stat().st_size)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif damage == "more":
        (inside / "more.idx").write_bytes(b"")
    elif damage == "link":
        mine.write_text("mine")
        (inside / "any.lock").symlink_to(mine)
    else:
        (inside / ".managed.json").write_text('["../../../mine"]')
        mine.write_text("mine")
    assert len(found(folder)) == 4
    assert not before.exists()
    assert damage not in ("link", "managed") or mine.read_text() == "mine"


LINKS = [
    *(DATABASE + end for end in ("", "-wal", "-shm", "-journal")),
    *("derived", "derived/lock", "derived/.words.note"),
]


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_links_and_pipes_are_refused(tmp_path: Path, name: str, kind: str) -> None:
    folder, mine = made(tmp_path), tmp_path / "mine"
    mine.write_text("mine") if name != "derived" else mine.mkdir()
    shutil.rmtree(folder / name) if name == "derived" else (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name) if kind == "pipe" else (folder / name).symlink_to(mine)
    with pytest.raises(LibraryError, match="is a link or something else") as error:
        found(folder)
    assert "\n" not in str(error.value)
    assert mine.is_dir() if name == "derived" else mine.read_text() == "mine"
    assert name != "derived" or list(mine.iterdir()) == []


def test_a_library_that_is_linked_as_a_whole_is_opened(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(made(tmp_path))
    assert len(found(tmp_path / "link")) == 4


FOREIGN = {
    "trigger": "CREATE TRIGGER gone AFTER INSERT ON review BEGIN DELETE FROM change; END",
    "view": "CREATE VIEW more AS SELECT * FROM review",
    "table": "CREATE TABLE more (a)",
    "virtual": "CREATE VIRTUAL TABLE more USING fts5(a)",
    "index": "CREATE INDEX more ON review (upper(id))",
    "dropped": "DROP INDEX passage_of",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_database_with_other_tables_is_refused(tmp_path: Path, kind: str) -> None:
    folder = made(tmp_path)
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute(FOREIGN[kind])
    before = (folder / DATABASE).read_bytes()
    with pytest.raises(LibraryError, match="did not make") as error:
        found(folder)
    assert "\n" not in str(error.value)
    assert (folder / DATABASE).read_bytes() == before


@pytest.mark.parametrize("format", ["1", "2"])
def test_an_older_library_with_other_tables_is_refused(tmp_path: Path, format: str) -> None:
    shutil.copy(Path(__file__).parents[1] / "data" / f"format-{format}" / DATABASE, tmp_path)
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute(FOREIGN["trigger"])
    with pytest.raises(LibraryError, match="did not make"):
        Library(tmp_path, Hashed())


def test_a_format_that_is_a_view_is_not_asked(tmp_path: Path) -> None:
    """It would never end."""
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute(
            "CREATE VIEW meta (key, value) AS WITH RECURSIVE n (i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'format', max(i) FROM n"
        )
    with pytest.raises(LibraryError, match="did not make"):
        Library(tmp_path, Hashed())


def test_damaged_pages_are_found_before_indexes_are_made_of_them(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with sqlite3.connect(folder / DATABASE) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'place_of'"
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with (folder / DATABASE).open("r+b") as stream:
        stream.seek((page - 1) * size + 8)
        stream.write(b"\xff\xf0" * 8)
    key_file().unlink()
    with pytest.raises(LibraryError, match="not a whole library") as error:
        found(folder)
    assert "\n" not in str(error.value)


def test_the_key_is_nobody_elses(tmp_path: Path) -> None:
    key_file().unlink()
    folder = made(tmp_path)
    first, mode = key_file().read_bytes(), key_file().stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(first) == 32
    key_file().chmod(0o640)
    assert len(found(folder)) == 4
    assert key_file().read_bytes() != first
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    key_file().write_bytes(b"torn")
    assert len(found(folder)) == 4
    assert len(key_file().read_bytes()) == 32


def test_a_key_that_cannot_be_kept_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(write(tmp_path, "file", "")))
    with pytest.raises(LibraryError, match="XDG_DATA_HOME") as error:
        found(folder)
    assert "\n" not in str(error.value)
