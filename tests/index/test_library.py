"""A library on disk: added to, removed from, rebuilt, and never searched when it is stale."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import Library, LibraryError, search
from index.library import DATABASE

from ..hashed import Hashed, write


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library", Hashed())


def test_an_empty_library_finds_nothing(library: Library) -> None:
    assert library.reviews == {}
    assert search(library, "骨折") == []
    assert library.check() == []


def test_what_is_added_is_found_and_what_is_removed_is_gone(
    library: Library, tmp_path: Path
) -> None:
    library.add(
        [write(tmp_path, "a.txt", "瘦素保护骨量。"), write(tmp_path, "b.txt", "酒精伤骨。")]
    )
    assert list(library.reviews) == ["a", "b"]
    assert search(library, "瘦素", 1)[0].span.text == "瘦素保护骨量。"
    library.remove("a")
    assert [hit.span.text for hit in search(library, "瘦素")] == ["酒精伤骨。"]
    assert library.check() == []


def test_a_library_is_the_same_when_opened_again(library: Library, tmp_path: Path) -> None:
    library.fill()
    before = search(library, "骨密度", 5)
    layouts = [review.layout for review in library.reviews.values()]
    library.close()
    again = Library(library.folder, Hashed())
    assert search(again, "骨密度", 5) == before
    assert [review.layout for review in again.reviews.values()] == layouts


def test_the_bundled_reviews_are_put_in_once(library: Library) -> None:
    library.fill()
    library.remove("liver-osteoporosis")
    library.fill()
    assert list(library.reviews) == ["obesity-osteoporosis"]


def test_bundled_reviews_alone_are_made_anew_for_another_model(library: Library) -> None:
    library.fill()
    other = Library(library.folder, Hashed("hashed@2"))
    other.fill()
    assert other.check() == []
    assert list(other.reviews) == ["obesity-osteoporosis", "liver-osteoporosis"]


def test_another_process_sees_a_change(library: Library, tmp_path: Path) -> None:
    other = Library(library.folder, Hashed())
    assert search(other, "骨") == []
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    assert len(search(other, "骨")) == 1


def test_the_same_name_elsewhere_is_another_review(library: Library, tmp_path: Path) -> None:
    library.add([write(tmp_path / "x", "a.txt", "瘦素保护骨量。")])
    library.add([write(tmp_path / "y", "a.txt", "酒精伤骨。")])
    assert list(library.reviews) == ["a", "a-2"]
    library.add([write(tmp_path / "x", "a.txt", "瘦素保护骨量多年。")])
    assert [review.text for review in library.reviews.values()] == [
        "酒精伤骨。",
        "瘦素保护骨量多年。",
    ]


def test_a_bad_file_is_told_and_the_rest_goes_in(library: Library, tmp_path: Path) -> None:
    good, bad = write(tmp_path, "a.txt", "瘦素保护骨量。"), write(tmp_path, "b.txt", "")
    taken = library.add([bad, tmp_path / "none.txt", good])
    assert [each.what for each in taken] == ["failed", "failed", "added"]
    assert "b.txt" in str(taken[0].fault)
    assert "none.txt" in str(taken[1].fault)
    assert list(library.reviews) == ["a"]


def test_progress_counts_files_and_bytes_to_the_end(library: Library, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    files = [write(tmp_path, "a.txt", "瘦素。酒精。"), write(tmp_path, "b.txt", "骨折。")]
    library.add(files, lambda *report: seen.append(report))
    size = sum(file.stat().st_size for file in files)
    assert seen[0][0] == "1/2 a.txt"
    assert seen[-1] == ("2/2 b.txt", size, size)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_another_model_is_said_with_the_cure(library: Library, tmp_path: Path) -> None:
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    other = Library(library.folder, Hashed("hashed@2"))
    with pytest.raises(LibraryError, match="yuanwen rebuild"):
        search(other, "骨")
    with pytest.raises(LibraryError, match="yuanwen rebuild"):
        other.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    other.remove("b")
    with pytest.raises(LibraryError, match="yuanwen rebuild"):
        search(other, "骨")
    other.rebuild()
    assert len(search(other, "瘦素", 1)) == 1


@pytest.mark.parametrize(
    ("older", "said"),
    [
        ("UPDATE review SET repair = 0", "yuanwen rebuild"),
        ("UPDATE meta SET value = '99' WHERE key = 'format'", "version"),
    ],
)
def test_another_version_is_said_with_the_cure(
    library: Library, tmp_path: Path, older: str, said: str
) -> None:
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    library.close()
    with sqlite3.connect(library.folder / DATABASE) as database:
        database.execute(older)
    with pytest.raises(LibraryError, match=said):
        search(Library(library.folder, Hashed()), "骨")


def test_a_changed_file_is_said_with_the_cure(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "瘦素保护骨量。")
    library.add([file])
    library.demand_unchanged(library.reviews.values())
    file.write_text("瘦素损害骨量。", "utf-8")
    with pytest.raises(LibraryError, match=r"yuanwen add .*a\.txt"):
        library.demand_unchanged(library.reviews.values())
    assert [each.what for each in library.add([file])] == ["replaced"]
    library.demand_unchanged(library.reviews.values())
    assert search(library, "骨")[0].span.text == "瘦素损害骨量。"


def test_a_review_taken_out_meanwhile_is_said(library: Library, tmp_path: Path) -> None:
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    (review,) = library.reviews.values()
    with closing(library.again()) as other:
        other.remove(review.id)
    with pytest.raises(LibraryError, match="ask again"):
        library.demand_unchanged([review])


def test_a_file_that_is_gone_can_still_be_quoted(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "瘦素保护骨量。")
    library.add([file])
    file.unlink()
    assert search(Library(library.folder, Hashed()), "骨")[0].span.text == "瘦素保护骨量。"


def test_lost_or_stale_indexes_are_made_anew(library: Library, tmp_path: Path) -> None:
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    before = search(library, "骨")
    shutil.rmtree(library.folder / "derived")
    assert search(Library(library.folder, Hashed()), "骨") == before
    library.remove("a")
    assert search(library, "骨") == []
    for kind in ("vectors-*", "words-*"):
        assert len(list((library.folder / "derived").glob(kind))) <= 1


@pytest.mark.parametrize("damage", [b"not a database", b"SQLite format 3\0" + bytes(500)])
def test_a_half_written_library_gives_one_line(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(damage)
    with pytest.raises(LibraryError, match="move its folder away") as error:
        Library(tmp_path, Hashed()).versions  # noqa: B018
    assert "\n" not in str(error.value)


def test_a_database_cut_short_gives_one_line(library: Library, tmp_path: Path) -> None:
    library.fill()
    library.close()
    file = library.folder / DATABASE
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    with pytest.raises(LibraryError) as error:
        search(Library(library.folder, Hashed()), "骨")
    assert "\n" not in str(error.value)


def test_check_names_a_damaged_file(library: Library, tmp_path: Path) -> None:
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    with sqlite3.connect(library.folder / DATABASE) as database:
        database.execute("UPDATE content SET bytes = x'00'")
    assert [fault for fault in library.check() if "damaged" in fault.told]
