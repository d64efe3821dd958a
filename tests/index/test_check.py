"""`check` finds every kind of damage, and repairs what can be had from the files."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import Library, LibraryError, search
from index.codes import products, turned
from index.library import DATABASE
from index.schema import FORMAT

from ..hashed import Hashed, write

OLDER = Path(__file__).parents[1] / "data"
FIXTURE = OLDER / "format-1"
_OTHER = np.full(16, 0.25, np.float32).tobytes().hex()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library", Hashed())
    texts = {"a.txt": "瘦素保护骨量。Wine harms bone.", "b.txt": "酒精伤骨。\n\n骨折多发。"}
    library.add([write(tmp_path, name, text) for name, text in texts.items()])
    library.describe("a", title="瘦素与骨")
    library.indexes()
    return library


def damage(library: Library, *statements: str) -> None:
    with sqlite3.connect(library.folder / DATABASE) as database:
        for statement in statements:
            database.execute(statement)


DAMAGES = {
    "bytes": "UPDATE content SET bytes = x'00' WHERE review = 1",
    "raw text": "UPDATE content SET raw = 'x' WHERE review = 1",
    "text": "UPDATE content SET layout = replace(layout, '保护', '损害')",
    "text and its hash": "UPDATE content SET (raw, layout, digest) ="
    " (SELECT raw, layout, digest FROM content WHERE review = 2) WHERE review = 1",
    "layout is not JSON": "UPDATE content SET layout = '{' WHERE review = 1",
    "span outside": 'UPDATE sentence SET "end" = 9999 WHERE id = 1',
    "span crossed": 'UPDATE sentence SET start = "end" WHERE id = 1',
    "section": "UPDATE passage SET section = 99",
    "sentence lost": "DELETE FROM sentence WHERE id = (SELECT max(id) FROM sentence)",
    "passage lost": "DELETE FROM passage WHERE id = 1",
    "tokens lost": "DELETE FROM token WHERE sentence = 1",
    "tokens cut": "UPDATE token SET packed = x'0102'",
    "vector cut": "UPDATE sentence SET vector = x'00000000' WHERE id = 1",
    "vector zero": "UPDATE sentence SET vector = zeroblob(64) WHERE id = 1",
    "vector of another": f"UPDATE sentence SET vector = x'{_OTHER}' WHERE id = 1",
    "sums": "UPDATE total SET count = count + 1",
    "sum lost": "DELETE FROM total WHERE language = 'en'",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_repaired(library: Library, name: str) -> None:
    before = [(hit.span.text, round(hit.score, 5)) for hit in search(library, "骨")]
    damage(library, "PRAGMA foreign_keys = ON", DAMAGES[name])
    library = Library(library.folder, Hashed())
    faults = library.check()
    assert faults
    assert all("\n" not in fault.told for fault in faults)
    assert library.repair() == []
    found = [(hit.span.text, round(hit.score, 5)) for hit in search(library, "骨")]
    assert sorted(found) == sorted(before)
    assert library.reviews["a"].title == "瘦素与骨"


def test_damaged_text_is_refused_and_never_shown(library: Library) -> None:
    damage(library, DAMAGES["text"])
    with pytest.raises(LibraryError, match="check --repair"):
        search(Library(library.folder, Hashed()), "瘦素保护骨量。")


def test_lost_bytes_without_their_file_stay_told(library: Library, tmp_path: Path) -> None:
    damage(library, DAMAGES["bytes"])
    (tmp_path / "a.txt").unlink()
    library = Library(library.folder, Hashed())
    assert ["damaged" in fault.told for fault in library.repair()] == [True]
    assert len(library.reviews) == 2


@pytest.mark.parametrize("times", [1, 2])
def test_a_library_of_format_1_is_brought_to_this_one(tmp_path: Path, times: int) -> None:
    """The fixture was made by the program that wrote format 1, with the same quick encoder.

    The layout repair has changed since, so that its texts are made anew.
    """
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(FIXTURE / DATABASE, folder)
    for _ in range(times):
        library = Library(folder, Hashed())
        library.rebuild()
        library.indexes()
        library.close()
    library = Library(folder, Hashed())
    assert library.check() == []
    assert {id: review.file for id, review in library.reviews.items()} == {
        "茶": "茶.md",
        "wine": "wine.txt",
    }
    record = library.reviews["茶"].record
    assert (record.title, record.authors, record.year) == ("茶与骨", ("张三", "李四"), 2020)
    assert search(library, "茶多酚抑制破骨细胞。", 1)[0].span.text == "茶多酚抑制破骨细胞。"
    fresh = Library(tmp_path / "fresh", Hashed())
    for id in library.reviews:
        fresh.add([write(tmp_path / "papers", library.reviews[id].file, library.data(id).decode())])
    for asked in ("茶", "wine and bone", "RANKL"):
        old, new = (
            [(h.span.text, round(h.score, 5)) for h in search(each, asked)]
            for each in (library, fresh)
        )
        assert old == new
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    library.remove("wine")
    assert library.check() == []


def test_two_files_of_one_content_become_one_review_with_two_names(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(FIXTURE / DATABASE, folder)
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE review SET sha256 = (SELECT min(sha256) FROM review)")
    library = Library(folder, Hashed())
    assert library.store.count() == 1
    assert library.places("wine") == ["/papers/wine.txt", "/papers/茶.md"]


def test_a_library_of_format_2_is_brought_to_this_one_and_nothing_is_encoded(
    tmp_path: Path,
) -> None:
    """The fixture was made by the program that wrote format 2, with the same quick encoder."""
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(OLDER / "format-2" / DATABASE, folder)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        before = dict(database.execute("SELECT sentence, packed FROM token"))
    library = Library(folder, Hashed())
    assert library.versions.format == FORMAT
    assert library.check() == []
    told = {each.id: each for each in library.store.summaries()}
    assert told["wine"].record.title == "Wine and bone"
    for id, review in library.reviews.items():
        headed = [at for at in range(len(review.sections)) if review.section_title(at)]
        assert (told[id].language, told[id].sections) == (review.language, len(headed))
        assert (told[id].passages, told[id].sentences) == library.counts(id)
        assert (told[id].references, told[id].aside) == (
            len(review.references),
            len(review.set_aside),
        )
    after = library.store.tokens(before, Hashed.dimension)
    each = np.eye(Hashed.dimension, dtype=np.float32)
    for sentence, packed in before.items():
        old = np.frombuffer(packed, np.int8).reshape(-1, Hashed.dimension) / np.float32(127)
        assert np.abs(products(each, [after[sentence]]) - turned(old)).max() < 0.05
    assert search(library, "茶多酚抑制破骨细胞。", 1)[0].span.text == "茶多酚抑制破骨细胞。"


def test_what_was_damaged_in_format_2_is_still_found(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(OLDER / "format-2" / DATABASE, folder)
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute("UPDATE token SET packed = x'00' WHERE sentence = 1")
        database.execute("UPDATE content SET layout = '{}' WHERE review = 2")
    library = Library(folder, Hashed())
    assert {fault.review for fault in library.check()} == {"茶", "wine"}
