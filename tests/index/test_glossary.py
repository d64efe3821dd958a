"""Words looked up across languages: the real dictionary, both ways."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.glossary import Glossary, entries
from index.votes import GLOSS_WEIGHT, votes


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    return Glossary(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Does it raise the risk of fractures?", "骨折"),
        ("fractured hip", "骨折"),
        ("Bone density in obese mice", "肥胖"),
        ("the immune system", "免疫系统"),
        ("VITAMIN deficiency", "维生素"),
    ],
)
def test_english_finds_chinese_in_any_form(glossary: Glossary, question: str, word: str) -> None:
    assert word in {each for found in glossary.chinese(question) for each in found}


def test_a_phrase_is_looked_up_whole(glossary: Glossary) -> None:
    (found,) = glossary.chinese("blood pressure")
    assert "血压" in found
    assert "血" not in found


@pytest.mark.parametrize("question", ["骨折和血压", "骨折与血壓"])
def test_chinese_finds_english_in_either_script(glossary: Glossary, question: str) -> None:
    found = {each for words in glossary.english(question) for each in words}
    assert {"fracture", "blood pressure"} <= found


@pytest.mark.parametrize("question", ["", "。？", "NF-κB", "zzzqx", "'\"; DROP TABLE entry; --"])
def test_what_is_no_word_finds_nothing(glossary: Glossary, question: str) -> None:
    assert not {"骨折"} & {each for found in glossary.chinese(question) for each in found}
    assert list(glossary.english(question)) == []


def test_asides_and_cross_references_are_no_glosses() -> None:
    source = "骨質 骨质 [gu3 zhi4] /bone (tissue)/CL:塊|块[kuai4]/see 骨[gu3]/to be a very long gloss indeed/"
    assert list(entries(source)) == [("骨质", "bone", "bone")]


def test_the_table_is_made_once_and_shared(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: [*Glossary(tmp_path).chinese("liver")], range(4)))
    assert found == [found[0]] * 4
    (file,) = tmp_path.glob("*.sqlite")
    with sqlite3.connect(file) as table:
        assert table.execute("SELECT count(*) FROM entry").fetchone()[0] > 100_000


def test_a_word_speaks_for_its_language_and_its_gloss_for_the_other() -> None:
    cast = {
        vote.ways[0]: vote.weight
        for vote in votes("fracture after RANKL", {"zh": 0.75, "en": 0.25})
    }
    assert cast[("fractur",)] == 0.25
    assert cast[("rankl",)] == 1.0
    assert GLOSS_WEIGHT * 0.75 in cast.values()
    assert len(votes("fracture", {"en": 1.0})) == 1
