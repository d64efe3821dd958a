"""Receipts over time: after rebuilds, moves, on other machines, and after the file has changed."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from index import Library, LibraryError
from qa import Assistant, Verifier
from qa.differences import changed_words
from qa.verify import Verdict
from sources import read_file

from ..hashed import Hashed, write

TEXT = (
    "# 瘦素与骨\n\n## 1 作用\n\n瘦素保护骨量，骨折的发生率为20-40%[1]。患者的维生素 D\n"
    "水平降低[2]。\n\n## 2 Other causes\n\nAlcohol harms osteo-\nblasts in rats. Smoking does as well.\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "papers", "leptin.md", TEXT)


@pytest.fixture
def library(tmp_path: Path, file: Path) -> Library:
    library = Library(tmp_path / "library", Hashed())
    library.add([file, write(tmp_path / "papers", "other.md", "别的综述说骨密度下降。")])
    return library


@pytest.fixture
def told(library: Library) -> dict[str, Any]:
    answer = Assistant(library).ask("骨折的发生率是多少？", sources=["leptin"])
    told: dict[str, Any] = json.loads(json.dumps(answer.as_dict()))
    return told | {"quotes": told["quotes"] or told["nearest"], "nearest": []}


def verdicts(library: Library, told: dict[str, Any], *files: Path) -> list[Verdict]:
    return list(Verifier(library, files).verify(told))


def faults(library: Library, told: dict[str, Any], *files: Path) -> set[str | None]:
    return {verdict.fault for verdict in verdicts(library, told, *files)}


def test_it_verifies_after_a_rebuild_and_after_the_library_moved(
    library: Library, told: dict[str, Any], tmp_path: Path
) -> None:
    assert len(told["quotes"]) > 1
    assert faults(library, told) == {None}
    library.close()
    moved = tmp_path / "elsewhere" / "library"
    shutil.copytree(library.folder, moved)
    shutil.rmtree(library.folder)
    again = Library(moved, Hashed("hashed@2"))
    again.rebuild()
    assert faults(again, told) == {None}


def test_it_verifies_where_the_same_file_has_another_name_and_id(
    told: dict[str, Any], file: Path, tmp_path: Path
) -> None:
    other = Library(tmp_path / "other machine", Hashed())
    copied = write(tmp_path / "downloads", "瘦素.md", TEXT)
    file.unlink()
    other.add([copied])
    assert list(other.reviews) == ["瘦素"]
    assert faults(other, told) == {None}


def test_it_verifies_against_a_file_that_is_in_no_library(
    told: dict[str, Any], tmp_path: Path
) -> None:
    copied = write(tmp_path / "downloads", "any name.md", TEXT)

    def never() -> Library:
        raise AssertionError("the library was opened")

    assert {each.fault for each in Verifier(never, [copied]).verify(told)} == {None}


def test_what_changed_in_the_file_is_told_word_by_word(
    library: Library, told: dict[str, Any], file: Path
) -> None:
    file.write_text(TEXT.replace("20-40%", "20-50%"), "utf-8")
    changed = [each for each in verdicts(library, told) if len(each.changes) > 1]
    assert faults(library, told) == {
        f"{file}: 文件已改动 / the file has changed since it was quoted"
    }
    assert changed
    minus, plus = changed[0].changes
    assert minus.startswith("- ")
    assert plus.startswith("+ ")
    assert "20-40%" in minus.replace(" ", "")
    assert "20-50%" in plus.replace(" ", "")
    others = [each.changes for each in verdicts(library, told) if each not in changed]
    assert all("not changed" in lines[0] for lines in others)


def test_the_answers_own_words_are_the_old_side_once_the_file_was_added_again(
    library: Library, told: dict[str, Any], file: Path
) -> None:
    file.write_text(TEXT.replace("保护骨量", "损害骨量"), "utf-8")
    library.add([file])
    lines = [line for each in verdicts(library, told) for line in each.changes]
    assert any(line.startswith("- ") and "保护骨量" in line for line in lines)
    assert any(line.startswith("+ ") and "损害骨量" in line for line in lines)
    assert None not in faults(library, told)


def test_a_newer_file_that_is_in_no_library_is_compared_too(
    told: dict[str, Any], tmp_path: Path
) -> None:
    newer = write(tmp_path / "new", "leptin.md", TEXT.replace("降低", "升高"))
    empty = Library(tmp_path / "empty", Hashed())
    found = verdicts(empty, told, newer)
    assert all(each.fault and "not the file that was quoted" in each.fault for each in found)
    assert any("升高" in line for each in found for line in each.changes)


def test_a_file_nobody_has_is_said(told: dict[str, Any], tmp_path: Path) -> None:
    (fault,) = faults(Library(tmp_path / "empty", Hashed()), told)
    assert fault
    assert "--file" in fault


def cut_by_an_older_version(told: dict[str, Any]) -> dict[str, Any]:
    """Return the answer as a layout repair would have given it that kept more white space."""
    older = copy.deepcopy(told)
    for quote in older["quotes"]:
        quote["text"] = quote["text"].replace("，", "， ").replace("osteoblasts", "osteoblasts ")
        quote["highlights"] = [{"start": 0, "end": len(quote["text"])}]
        quote["highlight"] = quote["text"]
        quote["receipt"]["text_sha256"] = hashlib.sha256(quote["text"].encode()).hexdigest()
        quote["receipt"]["repair"] = 0
    return older


def test_a_quote_of_an_older_repair_verifies_by_the_files_own_characters(
    library: Library, told: dict[str, Any]
) -> None:
    older = cut_by_an_older_version(told)
    assert any("， " in quote["text"] for quote in older["quotes"])
    assert faults(library, older) == {None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("text",), "瘦素损害骨量。"),
        (("highlight",), "瘦素损害骨量。"),
        (("receipt", "raw_start"), 3),
        (("receipt", "raw_end"), 10**9),
        (("receipt", "text_sha256"), "0" * 64),
    ],
)
def test_a_tampered_quote_of_an_older_repair_is_found_out(
    library: Library, told: dict[str, Any], path: tuple[str, ...], value: object
) -> None:
    older = cut_by_an_older_version(told)
    quote = older["quotes"][0]
    for step in path[:-1]:
        quote = quote[step]
    quote[path[-1]] = value
    if path == ("text",):  # with a hash that fits
        receipt = older["quotes"][0]["receipt"]
        receipt["text_sha256"] = hashlib.sha256(str(value).encode()).hexdigest()
    first, *rest = verdicts(library, older)
    assert first.fault
    assert [each.fault for each in rest] == [None] * len(rest)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("患者骨量减少。", "患者骨量增加。", ("- 患者骨量减少。", "+ 患者骨量增加。")),
        ("It rose by 20 %.", "It rose by 25 %.", ("- It rose by 20 %.", "+ It rose by 25 %.")),
        (
            "骨折多见。",
            "前文骨折。骨折多见。后文骨折。",
            ("这段文字本身未变 / these words themselves have not changed",),
        ),
        (
            "骨折多见。",
            "Quite another text.",
            ("这段文字已不在文件中 / these words are not in the file any more",),
        ),
    ],
)
def test_changed_words(tmp_path: Path, old: str, new: str, lines: tuple[str, ...]) -> None:
    assert changed_words(old, read_file(write(tmp_path, "a.txt", new))) == lines


def test_a_quote_of_a_changed_file_never_leaves(library: Library, file: Path) -> None:
    assistant = Assistant(library)
    assert assistant.ask("瘦素？", sources=["leptin"]).nearest
    file.write_text(TEXT.replace("20-40%", "20-50%"), "utf-8")
    with pytest.raises(LibraryError, match=r"yuanwen add .*leptin\.md"):
        assistant.ask("瘦素？", sources=["leptin"])
    with pytest.raises(LibraryError, match="yuanwen add"):
        assistant.search("瘦素？")
    assert assistant.ask("骨密度？", sources=["other"]).nearest
