"""A library that grows and shrinks is, at every step, the one made from scratch."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index.derive
import index.store
import index.vector_files
import index.vectors
from index import Library, LibraryError, search
from index.encoder import Kind
from index.late import Parts, Tokens
from index.terms import terms

from ..hashed import Hashed, write

WORDS = [
    "瘦素",
    "护骨",
    "骨折",
    "酒精",
    "肝病",
    "leptin",
    "bone",
    "liver",
    "vitamin",
    "维生素",
    "激素",
    "RANKL",
    "OPG",
    "fracture",
    "肥胖",
]


class Counting(Hashed):
    """Counts the texts that it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    def encode_parts(
        self,
        texts: Sequence[str],
        parts: Sequence[Sequence[tuple[int, int]]],
        progress: Callable[[int], None] | None = None,
    ) -> list[Parts]:
        self.texts += len(texts)
        return super().encode_parts(texts, parts, progress)

    def encode_tokens(
        self, texts: Sequence[str], kind: Kind, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[Tokens]]:
        self.texts += len(texts)
        return super().encode_tokens(texts, kind, progress)


def prose(chance: random.Random, sentences: int = 4) -> str:
    def sentence() -> str:
        words = [chance.choice(WORDS) for _ in range(6)]
        return (
            "".join(words) + "。" if chance.random() < 0.6 else " ".join(words).capitalize() + "."
        )

    return "\n\n".join(sentence() for _ in range(sentences))


def found(library: Library) -> list[tuple[str, int, float]]:
    """Return what some questions find, to within float noise, by what is said and where."""
    asked = ["瘦素护骨吗？", "leptin and bone", "RANKL/OPG"]
    sources = [None, list(library.reviews)[:2]]
    return sorted(
        (hit.span.text, hit.span.start, round(hit.score, 4))
        for question in asked
        for within in sources
        for hit in search(library, question, 30, within)
    )


def from_scratch(library: Library, folder: Path) -> Library:
    fresh = Library(folder, Hashed())
    for id in library.reviews:
        fresh.add([Path(place) for place in library.places(id)])
    return fresh


@pytest.mark.parametrize("few", [0, 1_000_000], ids=["masked", "made anew"])
@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_it_finds_what_one_made_at_once_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    """Vectors that are gone are masked, or their files made anew: either way nothing else changes."""
    monkeypatch.setattr(index.vector_files, "FEW", few)
    chance = random.Random(seed)
    papers = tmp_path / "papers"
    library = Library(tmp_path / "library", Hashed())
    for step in range(12):
        file = write(papers, f"{chance.randrange(8)}.txt", prose(chance))
        if chance.random() < 0.5:
            library.add([file])
        else:
            library.sync(papers)
        if chance.random() < 0.4 and len(library.reviews) > 1:
            gone = chance.choice(list(library.reviews))
            Path(library.places(gone)[0]).unlink()
            library.remove(gone)
        if chance.random() < 0.3:
            library.close()
            library = Library(library.folder, Hashed())
        fresh = from_scratch(library, tmp_path / f"fresh-{step}")
        assert found(library) == found(fresh)
    assert library.check() == []


def test_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    encoder = Counting()
    library = Library(tmp_path / "library", encoder)
    write(tmp_path / "papers", "a.txt", "瘦素保护骨量。\n\n酒精伤骨。")
    library.add([tmp_path / "papers"])
    first = encoder.texts
    assert [each.what for each in library.add([tmp_path / "papers"])] == ["unchanged"]
    write(tmp_path / "papers", "b.txt", "骨折。")
    taken = library.add([tmp_path / "papers"])
    assert [each.what for each in taken] == ["unchanged", "added"]
    assert encoder.texts == first + 2
    assert library.rebuild() == []
    assert encoder.texts == first + 2


def test_a_file_more_does_not_make_the_indexes_anew(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。")])
    library.indexes()
    derived = library.folder / "derived"
    before = sorted(derived.glob("*-*"))
    library.add([write(tmp_path, "b.txt", "酒精伤骨。")])
    assert search(library, "酒精伤骨。", 1)[0].span.text == "酒精伤骨。"
    assert search(Library(library.folder, Hashed()), "酒精伤骨。", 1)[0].span.text == "酒精伤骨。"
    assert sorted(derived.glob("*-*")) == before


def test_a_folder_is_kept_in_step(tmp_path: Path) -> None:
    library, papers = Library(tmp_path / "library", Hashed()), tmp_path / "papers"
    kept = library.add([write(tmp_path, "elsewhere.txt", "骨密度。")])[0].review
    write(papers, "a.txt", "瘦素保护骨量。")
    write(papers, "deep/b.txt", "酒精伤骨。")
    assert {each.what for each in library.sync(papers)} == {"added"}
    write(papers, "a.txt", "瘦素损害骨量。")
    (papers / "deep" / "b.txt").unlink()
    write(papers, "c.txt", "骨折。")
    what = {Path(each.path).name: each.what for each in library.sync(papers)}
    assert what == {"a.txt": "replaced", "b.txt": "removed", "c.txt": "added"}
    assert list(library.reviews) == [kept, "a", "c"]
    assert {each.what for each in library.sync(papers)} == {"unchanged"}


def test_a_folder_that_holds_nothing_removes_nothing(tmp_path: Path) -> None:
    library, papers = Library(tmp_path / "library", Hashed()), tmp_path / "papers"
    file = write(papers, "a.txt", "瘦素保护骨量。")
    library.sync(papers)
    file.unlink()
    assert [each.what for each in library.sync(papers)] == ["failed"]
    assert list(library.reviews) == ["a"]


def test_a_file_that_breaks_keeps_what_it_was(tmp_path: Path) -> None:
    library, papers = Library(tmp_path / "library", Hashed()), tmp_path / "papers"
    write(papers, "b.txt", "骨折。")
    file = write(papers, "a.txt", "瘦素保护骨量。")
    library.sync(papers)
    file.write_bytes(bytes(100))
    assert sorted(each.what for each in library.sync(papers)) == ["failed", "unchanged"]
    assert list(library.reviews) == ["a", "b"]


def test_the_same_content_twice_is_one_review_with_two_names(tmp_path: Path) -> None:
    encoder = Counting()
    library = Library(tmp_path / "library", encoder)
    a, b = (write(tmp_path, name, "瘦素保护骨量。") for name in ("a.txt", "b.txt"))
    assert [each.what for each in library.add([a, b])] == ["added", "named"]
    assert library.places("a") == [str(a), str(b)]
    assert encoder.texts == 2
    library.remove(str(a))
    assert list(library.reviews) == ["a"]
    assert library.reviews["a"].place == str(b)
    write(tmp_path, "b.txt", "骨折。")
    library.add([a, b])
    assert {id: library.places(id) for id in library.reviews} == {"a": [str(a)], "b": [str(b)]}
    library.remove(["a", "b"])
    assert dict(library.reviews) == {}


def test_a_changed_file_whose_new_content_is_held_gives_up_its_old(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    a, b = write(tmp_path, "a.txt", "瘦素保护骨量。"), write(tmp_path, "b.txt", "酒精伤骨。")
    library.add([a, b])
    b.write_text("瘦素保护骨量。", "utf-8")
    assert [each.what for each in library.add([b])] == ["named"]
    assert library.places("a") == [str(a), str(b)]
    assert list(library.reviews) == ["a"]


def test_remove_takes_ids_files_and_folders_or_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    for at, name in enumerate(("a.txt", "b.txt", "x/c.txt", "x/d.txt")):
        library.add([write(tmp_path, name, f"骨折{at}。")])
    with pytest.raises(LibraryError, match="nope"):
        library.remove(["a", "nope"])
    assert len(library.reviews) == 4
    library.remove(["a", str(tmp_path / "b.txt"), str(tmp_path / "x")])
    assert len(library.reviews) == 0


def test_removing_leaves_nothing_behind(tmp_path: Path) -> None:
    """Not in SQLite, FAISS or tantivy, and not one byte of it in any file."""
    library = Library(tmp_path / "library", Hashed())
    kept = write(tmp_path, "kept.txt", "酒精伤骨。Wine harms bone.")
    gone = write(tmp_path, "gone.txt", "瘦素保护骨量。Zoledronate helps.")
    library.add([kept, gone])
    assert search(library, "瘦素")
    ids, vectors = library.vectors("sentence")
    lost = vectors[next(ids.index(id) for id in ids if "瘦素" in unit_text(library, id))]
    library.remove("gone")
    indexes = library.indexes()
    for table in ("review", "content", "place"):
        assert library.store._one(f"SELECT count(*) FROM {table}") == (1,)
    held, _ = library.vectors("sentence")
    assert len(held) == 2
    for kind, of_kind in indexes.vectors.items():
        own = {id for language in of_kind.languages.values() for id in language.held()}
        assert own == set(library.vectors(kind)[0])
        for language in of_kind.languages.values():
            assert language.based + len(language.ids) == len(language.held())
    assert indexes.words.held() == set(held)
    assert all(indexes.words.holds_term(term) for term in terms("酒精 wine"))
    assert not any(indexes.words.holds_term(term) for term in terms("瘦素 zoledronate"))
    library.close()
    for file in filter(Path.is_file, library.folder.rglob("*")):
        for trace in ("瘦素".encode(), b"Zoledronate", b"zoledronate", lost.tobytes()):
            assert trace not in file.read_bytes(), file


def unit_text(library: Library, id: int) -> str:
    return library.indexes().unit(id).sentence.text


def test_what_people_say_outlives_a_change_of_the_file(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    file = write(tmp_path, "a.txt", "瘦素保护骨量。")
    library.add([file])
    library.describe("a", title="瘦素与骨", authors="张三；李四", year="2021", doi="10.1/x")
    record = library.reviews["a"].record
    assert (record.title, record.authors, record.year) == ("瘦素与骨", ("张三", "李四"), 2021)
    write(tmp_path, "a.txt", "瘦素损害骨量。")
    library.add([file])
    assert library.reviews["a"].record == record
    library.describe("a", title="", authors=["王五"])
    assert (library.reviews["a"].title, library.reviews["a"].record.authors) == ("a", ("王五",))
    for wrong in ({"colour": "red"}, {"year": "long ago"}, {"language": "fr"}):
        with pytest.raises(LibraryError) as error:
            library.describe("a", **wrong)
        assert "\n" not in str(error.value)


def test_a_library_is_not_read_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library", Hashed())
    for at in range(30):
        library.add([write(tmp_path, f"{at}.txt", f"瘦素保护骨量{at}。")])
    library.indexes()
    library.close()
    read: list[str] = []
    review = index.store.Store.review
    monkeypatch.setattr(
        index.store.Store, "review", lambda self, id: read.append(id) or review(self, id)
    )
    opened = Library(library.folder, Hashed())
    opened.indexes()
    assert read == []
    assert len(search(opened, "瘦素保护骨量7。", 3)) == 3
    assert 0 < len(read) <= 20  # those that are read closely


def test_only_what_came_since_is_read_again_be_it_of_a_new_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "a.txt", "瘦素保护骨量。\n\n酒精伤骨。")])
    library.indexes()
    last = library.store.last_id("sentence")
    library.add([write(tmp_path, "b.txt", "Wine harms bone. So does beer.")])
    library.close()
    read: list[int] = []
    chunks = index.store.Store.chunks

    def reading(
        self: index.store.Store, kind: str, language: str, after: int = 0
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        if kind == "sentence":
            read.append(after)
        return chunks(self, kind, language, after)

    monkeypatch.setattr(index.store.Store, "chunks", reading)
    for _ in range(2):
        opened = Library(library.folder, Hashed())
        assert search(opened, "So does beer.", 1)[0].span.text == "So does beer."
        opened.close()
    assert set(read) == {last}
