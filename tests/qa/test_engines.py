"""The search engine is named by options or environment; its token is never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import LibraryError
from index.milvus import Milvus
from qa.cli import main
from qa.engines import engine_named

from ..hashed import write


def test_the_embedded_engine_needs_no_naming(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_named() is None
    monkeypatch.setenv("YUANWEN_ENGINE", "milvus")
    assert engine_named("embedded", "http://host:19530") is None


def test_the_environment_names_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YUANWEN_ENGINE", "milvus")
    with pytest.raises(LibraryError, match="--uri"):
        engine_named()
    monkeypatch.setenv("YUANWEN_ENGINE_URI", "http://host:19530")
    engine = engine_named()
    assert isinstance(engine, Milvus)
    assert engine.connection.uri == "http://host:19530"
    monkeypatch.setenv("YUANWEN_ENGINE_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(LibraryError, match="none"):
        engine_named()
    monkeypatch.setenv("YUANWEN_ENGINE", "vespa")
    with pytest.raises(LibraryError, match="embedded, milvus"):
        engine_named()


def test_a_library_on_milvus_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on = ["--library", str(tmp_path / "library"), "--engine", "milvus"]
    on += ["--uri", str(tmp_path / "milvus.db")]
    file = write(tmp_path, "a.txt", "瘦素保护骨量。\n\n酒精损害骨骼。")
    assert main(["add", str(file), *on]) == 0
    capsys.readouterr()
    assert main(["ask", "瘦素对骨量有什么作用？", "--json", *on]) == 0
    told = capsys.readouterr().out
    answer = json.loads(told)
    assert (answer["quotes"] or answer["nearest"])[0]["highlight"] == "瘦素保护骨量。"
    (tmp_path / "answer.json").write_text(told, "utf-8")
    assert main(["verify", str(tmp_path / "answer.json"), *on]) == 0
    assert main(["check", *on]) == 0
    assert main(["remove", "a", *on]) == 0


def test_an_engine_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on = ["--library", str(tmp_path / "library"), "--engine", "milvus"]
    file = write(tmp_path, "a.txt", "瘦素保护骨量。")
    assert main(["add", str(file), *on, "--uri", "http://127.0.0.1:9"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "http://127.0.0.1:9" in told[0]
    assert main(["sources", "--library", str(tmp_path / "library")]) == 0
