"""Question sets of the SQuAD format: read, asked in every direction, counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import default_encoder
from qa.cli import main
from qa.errors import QuestionError
from qa.paragraphs import measure, read_squad

TOLD = {
    "en": [
        (
            "The Nile flows north into the Mediterranean Sea.",
            "Where does the Nile flow?",
            "Mediterranean",
        ),
        ("Honey bees dance to show where nectar is.", "Why do bees dance?", "nectar"),
    ],
    "zh": [
        ("尼罗河向北流入地中海。", "尼罗河流到哪里？", "地中海"),
        ("蜜蜂跳舞来指示花蜜在哪里。", "蜜蜂为什么跳舞？", "花蜜"),
    ],
}


def squad(language: str, answer: str | None = None) -> str:
    articles = [
        {
            "paragraphs": [
                {
                    "context": context,
                    "qas": [{"question": question, "answers": [{"text": answer or held}]}],
                }
            ]
        }
        for context, question, held in TOLD[language]
    ]
    return json.dumps({"data": articles}, ensure_ascii=False)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for language in TOLD:
        (tmp_path / f"{language}.json").write_text(squad(language), "utf-8")
    return [tmp_path / "zh.json", tmp_path / "en.json"]


def test_every_direction_is_asked(files: list[Path]) -> None:
    found = measure([read_squad(file) for file in files], default_encoder())
    assert [(each.asked, each.told) for each in found] == [
        ("zh", "zh"),
        ("en", "zh"),
        ("zh", "en"),
        ("en", "en"),
    ]
    assert {(each.right, each.held, each.questions) for each in found} == {(1.0, 1.0, 2)}


def test_a_sentence_without_the_answer_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "zh.json").write_text(squad("zh", "长江"), "utf-8")
    (found,) = measure([read_squad(tmp_path / "zh.json")], default_encoder())
    assert (found.right, found.held) == (1.0, 0.0)


def test_without_its_paragraph_a_question_is_refused(files: list[Path]) -> None:
    for found in measure([read_squad(file) for file in files], default_encoder()):
        assert (found.answered, found.refused, found.auroc) == (1.0, 1.0, 1.0)


def test_every_second_article(files: list[Path]) -> None:
    (asked,) = read_squad(files[0], every=2).asked
    assert (asked.question, asked.paragraph) == ("蜜蜂为什么跳舞？", 1)


def test_the_command_prints_the_table(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--every", "2", str(files[0])]) == 0
    assert "| zh | zh | 1.000 | 1.000 | 1.00 |" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "[]", '{"data": []}', '{"data": 3}', '{"data": [{"paragraphs": [{}]}]}']
)
def test_other_files_are_an_error_that_names_them(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text, "utf-8")
    with pytest.raises(QuestionError, match=r"odd\.json"):
        read_squad(tmp_path / "odd.json")


def test_sets_that_are_not_parallel_are_an_error(files: list[Path]) -> None:
    with pytest.raises(QuestionError, match="parallel"):
        measure([read_squad(files[0]), read_squad(files[1], 2)], default_encoder())
