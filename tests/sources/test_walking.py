"""Folders and archives: what is in them comes out, each file by its own place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from sources import Item, SourceError, walk

from .papers import paper
from .rendering import epub, html, jats, word


def archive(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return made.getvalue()


def found(*paths: Path) -> list[Item]:
    items = list(walk(paths))
    assert all(isinstance(item, Item) for item in items)
    return [item for item in items if isinstance(item, Item)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    true = paper("en", 21, sections=2)
    inner = archive({"deep/c.docx": word(true), ".DS_Store": b"x", "__MACOSX/c.docx": b"x"})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "page.html").write_bytes(html(true))
    (tmp_path / "b" / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "b" / ".hidden.txt").write_text("Hidden.", "utf-8")
    (tmp_path / "a.zip").write_bytes(
        archive({"x.xml": jats(true), "y.zip": inner, "z.epub": epub(true)})
    )
    return tmp_path


def test_folders_and_archives_in_archives(folder: Path) -> None:
    items = found(folder)
    names = [item.path.relative_to(folder).as_posix() for item in items]
    assert names == ["a.zip/x.xml", "a.zip/y.zip/deep/c.docx", "a.zip/z.epub", "b/page.html"]
    reviews = [item.read() for item in items]
    sentences = [[each.text for each in review.sentences] for review in reviews]
    true = paper("en", 21, sections=2)
    assert all(set(true.sentences) <= set(listed) for listed in sentences)
    assert {review.title for review in reviews} == {true.title}


def test_a_file_named_is_taken_whatever_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("Bone.", "utf-8")
    (item,) = found(tmp_path / "notes")
    with pytest.raises(SourceError, match="kind of file"):
        item.read()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = [str(error) for error in walk([tmp_path / "none.pdf", tmp_path / "empty"])]
    assert "no such file" in said[0]
    assert "no file that can be read" in said[1]


def test_files_are_read_one_at_a_time(folder: Path) -> None:
    items = walk([folder, folder / "none.txt"])
    first = next(items)
    assert isinstance(first, Item)
    (folder / "b" / "page.html").unlink()
    rest = list(items)
    assert isinstance(rest[-2], SourceError) or all(isinstance(each, Item) for each in rest[:-1])
