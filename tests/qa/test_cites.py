"""Who cites a work, across the library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import Library, LibraryError, default_encoder
from qa import Assistant, QuestionError, Verifier
from qa.cli import main

NUMBERED = (
    "Fat harms bone in older women[1]. Men lose less of it than women do[2]. Both lose it[1-3].\n\n"
    "References\n\n"
    "[1] Smith J, Jones K. Bone and fat mass. Bone. 2019;34(2):123-130. doi:10.1000/fat\n"
    "[2] Brown A. Vitamin K. Lancet. 2018;33(2):23-30.\n"
)
NAMED = (
    "脂肪会损害骨骼（张三等，2019）。Smith和Jones(2019)也这样认为。赵六等（2011）则不然。\n\n"
    "参考文献\n\n"
    "Smith J, Jones K, 2019. Bone and fat mass[J]. Bone, 34(2): 123-130.\n"
    "张三, 李四, 王五, 等, 2019. 肥胖与骨密度[J]. 骨杂志, 3(2): 1-5.\n"
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("cites")
    library = Library(folder / "library", default_encoder())
    for name, text in {"numbered.txt": NUMBERED, "named.txt": NAMED}.items():
        (folder / name).write_text(text, "utf-8")
    library.add([folder / "numbered.txt", folder / "named.txt"])
    return Assistant(library)


def told(assistant: Assistant, entry: str, *sources: str) -> list[tuple[str, object, list[str]]]:
    return [
        (found.review.id, found.marker, [quote.highlight for quote in found.quotes])
        for found in assistant.cites(entry, sources or None)
    ]


ONE = "Fat harms bone in older women[1]."
ALL = "Both lose it[1-3]."


def test_by_number(assistant: Assistant) -> None:
    assert told(assistant, "1", "numbered") == [("numbered", 1, [ONE, ALL])]
    assert told(assistant, "［1］", "numbered") == [("numbered", 1, [ONE, ALL])]
    (found,) = assistant.cites("3", ["numbered"])
    assert (found.text, [quote.highlight for quote in found.quotes]) == (None, [ALL])
    assert told(assistant, "9", "numbered") == []


def test_by_words_across_the_library(assistant: Assistant) -> None:
    spoken = "Smith和Jones(2019)也这样认为。"
    both = [("numbered", 1, [ONE, ALL]), ("named", None, [spoken])]
    assert told(assistant, "Smith 2019") == both
    assert told(assistant, "jones fat mass") == both
    assert told(assistant, "10.1000/FAT") == both[:1]
    assert told(assistant, "https://doi.org/10.1000/fat") == both[:1]
    assert told(assistant, "肥胖 骨密度") == [
        ("named", None, ["脂肪会损害骨骼（张三等，2019）。".replace("（", "(").replace("）", ")")])
    ]
    assert told(assistant, "Smit 2019") == []
    assert told(assistant, "Smith 2018") == []


def test_a_work_that_is_cited_but_not_listed(assistant: Assistant) -> None:
    (found,) = assistant.cites("赵六 2011")
    assert found.text is None
    assert found.marker == "赵六等(2011)"


def test_the_quotes_verify(assistant: Assistant) -> None:
    quotes = [quote.as_dict() for found in assistant.cites("Smith 2019") for quote in found.quotes]
    verdicts = list(Verifier(assistant.library).verify({"quotes": quotes, "nearest": []}))
    assert [verdict.fault for verdict in verdicts] == [None] * 3


def test_what_cannot_be_looked_up(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="--source"):
        assistant.cites("1")
    with pytest.raises(QuestionError, match="words of the title"):
        assistant.cites(" ?! ")
    with pytest.raises(LibraryError, match="nope"):
        assistant.cites("Smith", ["nope"])


def test_a_quote_shows_what_it_cites(assistant: Assistant) -> None:
    (found,) = assistant.cites("3", ["numbered"])
    (quote,) = found.quotes
    assert quote.markers == (1, 2, 3)
    shown = quote.as_dict()["references"]
    assert [each["text"] and each["text"][:5] for each in shown] == ["Smith", "Brown", None]
    assert shown[0]["csl"]["DOI"] == "10.1000/fat"
    assert "csl" not in shown[2]
    place, *entries = quote.citation().split("\n")
    assert place.endswith("[1][2][3]")
    assert entries[1] == "[2] Brown A. Vitamin K. Lancet. 2018;33(2):23-30."


def test_markers_by_name_are_the_text_itself(assistant: Assistant) -> None:
    (found,) = assistant.cites("肥胖与骨密度")
    (quote,) = found.quotes
    assert quote.as_dict()["markers"] == ["张三等，2019"]
    assert quote.as_dict()["references"][0]["text"].startswith("张三,李四")
    assert quote.citation().split("\n")[0].endswith("(张三等，2019)")


def test_the_command(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    library = ["--library", str(assistant.library.folder)]
    assert main(["cites", "3", "--source", "numbered", *library]) == 0
    out = capsys.readouterr().out
    assert "numbered: [3] —" in out
    assert f"1. {ALL}" in out
    assert "[1] Smith J, Jones K." in out
    assert "[3] no certain entry in the file's reference list" in out
    assert main(["cites", "vitamin K 2018", "--json", *library]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert list(entry) == ["source", "marker", "text", "csl", "quotes"]
    assert entry["csl"]["container-title"] == "Lancet"
    assert main(["cites", "nobody at all", *library]) == 0
    assert "no such reference" in capsys.readouterr().out
    assert main(["cites", "1", *library]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_review_without_a_list(bundled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cites", "13", "--source", "liver-osteoporosis", "--library", str(bundled)]) == 0
    out = capsys.readouterr().out
    assert "维生素K缺乏会导致骨丢失而发生骨质疏松[13]。" in out
    assert "the file has no reference list" in out
