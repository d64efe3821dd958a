"""Many vectors: clustered by themselves, as good as comparing all, and changed without retraining."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import index.vector_files
import index.vectors
from index import Library, search
from index.ivf import EXACT
from index.rows import Vectors
from index.vectors import LanguageIndex

from ..hashed import Hashed, write

COUNT, DIMENSION = 6_000, 48


def topics(count: int, seed: int = 0) -> Vectors:
    """Return unit vectors in a narrow cone, gathered around topics, as an encoder gives them."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(size=(60, DIMENSION))
    rows = centres[chance.integers(60, size=count)] + chance.normal(size=(count, DIMENSION))
    rows = rows + 6
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def parts(vectors: Vectors, first: int = 0) -> Iterator[tuple[list[int], Vectors]]:
    for at in range(0, len(vectors), 1000):
        part = vectors[at : at + 1000]
        yield list(range(first + at, first + at + len(part))), part


def nearest(index: LanguageIndex, query: Vectors, k: int) -> list[int]:
    return [id for id, _ in sorted(index.search(query, k), key=lambda each: -each[1])[:k]]


def recall(index: LanguageIndex, held: dict[int, Vectors], asked: Vectors) -> float:
    ids = np.array(list(held))
    rows = np.stack(list(held.values()))
    shares = []
    for query in asked:
        true = ids[np.argsort(-(rows @ query))[:10]]
        shares.append(len(np.intersect1d(true, nearest(index, query, EXACT))) / 10)
    return float(np.mean(shares))


def saved(index: LanguageIndex, folder: Path) -> LanguageIndex:
    """Return an index as it is once it has been saved and opened again."""
    folder.mkdir()
    files = [folder / str(part) for part in range(len(index.parts))]
    for part, file in enumerate(files):
        index.save(part, file)
    gone = [(int(id), int(id)) for id in index.gone]
    return LanguageIndex.open(files, index.trained, gone)


@pytest.fixture
def clustered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LanguageIndex:
    monkeypatch.setattr(index.vectors, "FLAT_LIMIT", 2_000)
    vectors = topics(COUNT)
    LanguageIndex.build(COUNT, DIMENSION, lambda: parts(vectors)).save(0, tmp_path / "0")
    return LanguageIndex.open([tmp_path / "0"], COUNT)


def test_few_are_compared_one_by_one() -> None:
    vectors = topics(500)
    flat = LanguageIndex.build(500, DIMENSION, lambda: parts(vectors))
    assert flat.trained == 0
    assert recall(flat, dict(enumerate(vectors)), topics(50, 1)) == 1


def test_many_are_clustered_and_nearly_all_the_best_are_found(clustered: LanguageIndex) -> None:
    assert clustered.parts[0].nlist > 100
    assert clustered.parts[0].nprobe < clustered.parts[0].nlist
    assert recall(clustered, dict(enumerate(topics(COUNT))), topics(200, 1)) >= 0.985


@pytest.mark.parametrize(("cleaned", "files"), [(True, 1), (False, 2)])
def test_what_comes_and_goes_counts_at_once_and_after_folding(
    clustered: LanguageIndex, tmp_path: Path, cleaned: bool, files: int
) -> None:
    held = dict(enumerate(topics(COUNT)))
    fresh = topics(300, 2)
    now = clustered.changed([(100, 899)], np.arange(COUNT, COUNT + 300), fresh)
    for id in range(100, 900):
        del held[id]
    held |= {COUNT + at: row for at, row in enumerate(fresh)}
    folded = now.folded(cleaned)
    assert len(folded.parts) == files
    for each in (now, saved(folded, tmp_path / "folded")):
        assert set(each.held().tolist()) == held.keys()
        assert recall(each, held, topics(100, 3)) >= 0.985
        gone = np.stack([topics(COUNT)[id] for id in range(100, 900, 50)])
        assert all(not 100 <= id < 900 for query in gone for id in nearest(each, query, 20))
    assert clustered.based == COUNT


@pytest.mark.parametrize("flat_limit", [100_000, 500], ids=["one by one", "clustered"])
def test_a_vector_is_written_a_few_times_in_all_however_often_more_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flat_limit: int
) -> None:
    monkeypatch.setattr(index.vectors, "FLAT_LIMIT", flat_limit)
    vectors, step = topics(COUNT), 60
    now = saved(
        LanguageIndex.build(600, DIMENSION, lambda: parts(vectors[:600])), tmp_path / "first"
    )
    written = 0
    for first in range(600, COUNT, step):
        ids = np.arange(first, first + step)
        folded = now.changed([], ids, vectors[ids]).folded(False)
        written += sum(
            part.ntotal
            for part, file in zip(folded.parts, folded.files, strict=True)
            if file is None
        )
        now = saved(folded, tmp_path / str(first))
        assert len(now.parts) <= 4
    assert written < 12 * COUNT  # all of it each time would be 50
    assert sorted(now.held().tolist()) == list(range(COUNT))
    assert recall(now, dict(enumerate(vectors)), topics(100, 3)) >= 0.97
    if not now.trained:
        assert not now.differs(range(COUNT), vectors)
        assert now.differs(range(COUNT), vectors[::-1])


@pytest.mark.parametrize(
    ("count", "outgrown"), [(COUNT + 1, False), (4 * COUNT + 1, True), (1_000, True)]
)
def test_clusters_are_made_anew_when_it_has_grown_fourfold(
    clustered: LanguageIndex, count: int, outgrown: bool
) -> None:
    assert clustered.is_outgrown(count) == outgrown


def test_a_library_becomes_clustered_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.vectors, "FLAT_LIMIT", 150)
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, "0.txt", "".join(f"骨折{at}。\n\n" for at in range(100)))])
    assert not library.indexes().vectors["sentence"].languages["zh"].trained
    monkeypatch.setattr(index.vector_files, "LITTLE", 10)
    for file in range(1, 4):
        text = "".join(f"骨折{file * 100 + at}。\n\n" for at in range(100))
        library.add([write(tmp_path, f"{file}.txt", text)])
        library.indexes()
    assert library.indexes().vectors["sentence"].languages["zh"].trained >= 200
    for asked in (3, 133, 222, 399):
        assert search(library, f"骨折{asked}。", 1)[0].span.text == f"骨折{asked}。"
    library.remove("2")
    assert all(hit.span.text != "骨折222。" for hit in search(library, "骨折222。", 20))
    assert library.check() == []
