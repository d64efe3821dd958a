"""The benchmarks still run, on little: what they print for much is in their tables."""

from __future__ import annotations

from pathlib import Path

import pytest

import index.vectors
from benchmarks import ask, build, recall

from .hashed import write


def test_a_question_is_timed_by_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "ASKED", 4)
    bundled, synthetic = ask.measure(tmp_path, [100])
    assert bundled["sentences"] == 156
    assert synthetic["sentences"] > 300
    for stage in ask.STAGES:
        assert synthetic[f"{stage}, ms"] > 0, f"{stage} is not what a question goes through"
    assert synthetic["own memory, MB"] > 0
    assert "own memory" in ask.table([bundled, synthetic])


def test_adding_to_libraries_of_several_sizes_is_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "REPEATS", 1)
    new, small = build.growing(tmp_path, [0, 100])
    assert 0 < new["both, ms"] < 60_000
    assert 0 < small["both, ms"] < 60_000
    assert small["bytes/passage, database"] > small["bytes/passage, vectors"] > 0


def test_recall_is_that_of_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "FLAT_LIMIT", 100)
    text = "\n".join(f"骨密度{n}降低，骨折风险{n}升高，酒精伤骨，肝病{n}多见。" for n in range(30))
    passages = recall.cut([write(tmp_path, "a.txt", text)], 10_000)
    assert [passages[0][0][start:end] for start, end in passages[0][1][:2]] == [
        "骨密度0降低，",
        "骨密度0降低，骨折风险0升高，",
    ]
    told = recall.measure(passages, ["酒精", "骨折"])
    assert told["vectors"] == 300
    assert told["clusters"] > 1
    assert told["recall@10"] > 0.8
