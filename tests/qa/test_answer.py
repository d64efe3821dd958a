"""Every quote is a slice that can be proven, and a changed byte is found out."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from index import Library, default_encoder
from index.store import Store
from qa import AnswerError, Assistant, QuestionError, Verifier
from sources import bundled_reviews

from ..hashed import Hashed, write

QUESTION = "维生素K缺乏为什么会导致骨丢失？"


def as_json(assistant: Assistant, question: str, **how: Any) -> dict[str, Any]:
    return json.loads(json.dumps(assistant.ask(question, **how).as_dict()))


def test_the_answer_as_json(assistant: Assistant) -> None:
    told = as_json(assistant, QUESTION)
    assert list(told) == ["id", "question", "status", "confidence", "quotes", "nearest", "read_as"]
    assert told["status"] == "answered"
    assert 0 < told["confidence"] <= 1
    quote = told["quotes"][0]
    assert list(quote) == [
        *("text", "highlight", "highlights", "source", "section", "location", "markers"),
        *("references", "score", "receipt"),
    ]
    assert quote["highlight"] == "".join(
        quote["text"][mark["start"] : mark["end"]] for mark in quote["highlights"]
    )
    assert "维生素K缺乏" in quote["highlight"]
    assert quote["section"] == {
        "number": "2.5",
        "title": "其他因素影响",
        "path": ["2 肝性骨病致病因素及机制", "2.5 其他因素影响"],
    }
    assert quote["references"] == [{"marker": number, "text": None} for number in quote["markers"]]
    raw = bundled_reviews()[1].raw
    place = quote["location"]
    cut = raw[place["raw_start"] : place["raw_end"]]
    assert re.sub(r"\s", "", cut).startswith("维生素K缺乏症与破骨细胞分化抑制相关")
    assert raw[: place["raw_start"]].count("\n") + 1 == place["line_start"]
    assert quote["receipt"]["text_sha256"] == hashlib.sha256(quote["text"].encode()).hexdigest()


def test_what_the_reviews_do_not_say(assistant: Assistant) -> None:
    answer = assistant.ask("上海明天会下雨吗？")
    assert answer.status == "not_found"
    assert answer.quotes == ()
    assert len(answer.nearest) == 3


def noise(chance: random.Random) -> str:
    pools = [
        "的一是不了骨肝脂维生素",
        "abcdefg HIJ 0123",
        "？！，。[]()<>&$\\`*_~#|",
        "\u200bé😀𠮷\ud800",
    ]
    return "".join(chance.choice(chance.choice(pools)) for _ in range(chance.randint(1, 60))) + "?"


def test_a_thousand_questions_and_every_quote_verifies(assistant: Assistant) -> None:
    chance = random.Random(1)
    own = Path(__file__).parents[2] / "benchmarks" / "questions.jsonl"
    written = [json.loads(line)["question"] for line in own.read_text("utf-8").split("\n") if line]
    texts = [review.text for review in bundled_reviews()]
    asked = [chance.choice(written) for _ in range(300)]
    for _ in range(400):
        text = chance.choice(texts)
        start = chance.randrange(len(text) - 40)
        asked.append(text[start : start + chance.randint(2, 40)].strip() or "骨")
    asked += [noise(chance) for _ in range(300)]
    assert len(asked) == 1000
    verifier = Verifier(assistant.library)
    for question in asked:
        answer = assistant.ask(question)
        for quote in answer.quotes or answer.nearest:
            assert quote.text == quote.review.text[quote.passage.start : quote.passage.end]
            assert all(span.text in quote.text for span in quote.highlights)
        verdicts = list(verifier.verify(json.loads(json.dumps(answer.as_dict()))))
        assert len(verdicts) == 3
        assert [verdict.fault for verdict in verdicts] == [None] * 3, question


def test_a_flipped_byte_names_the_quotes_it_breaks(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", default_encoder())
    files = []
    for review in bundled_reviews():
        file = tmp_path / review.file
        file.write_bytes(Path(review.place).read_bytes())
        files.append(file)
    library.add(files)
    told = as_json(Assistant(library), "骨质疏松是什么？", k=20)
    quotes = told["quotes"] or told["nearest"]
    sources = [quote["source"]["id"] for quote in quotes]
    assert set(sources) == {"liver-osteoporosis", "obesity-osteoporosis"}
    data = bytearray(files[1].read_bytes())
    data[len(data) // 2] ^= 1
    files[1].write_bytes(data)
    verdicts = list(Verifier(library).verify(told))
    broken = [verdict.number for verdict in verdicts if verdict.fault]
    assert broken == [at for at, id in enumerate(sources, 1) if id == "liver-osteoporosis"]


def change(told: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    told = copy.deepcopy(told)
    *way, last = path.split(".")
    place: Any = told["quotes"][0]
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return told


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("text", "维生素K没有用。"),
        ("highlight", "维生素K没有用。"),
        ("highlights.0.end", 5),
        ("highlights.0.end", 99999),
        ("highlights.0.start", -3),
        ("highlights", []),
        ("section.title", "别的"),
        ("location.page", 3),
        ("location.raw_start", 0),
        ("markers", [99]),
        ("references", []),
        ("receipt.raw_start", 0),
        ("receipt.raw_end", 10**9),
        ("receipt.text_sha256", "0" * 64),
        ("receipt.sha256", "0" * 64),
    ],
)
def test_a_tampered_answer_is_found_out(assistant: Assistant, path: str, value: object) -> None:
    told = as_json(assistant, QUESTION)
    verifier = Verifier(assistant.library)
    assert [verdict.fault for verdict in verifier.verify(told)] == [None] * 3
    faults = [verdict.fault for verdict in verifier.verify(change(told, path, value))]
    assert faults[0]
    assert faults[1:] == [None, None]


@pytest.mark.parametrize("told", [{}, {"quotes": 3, "nearest": []}, {"quotes": [1], "nearest": []}])
def test_what_is_no_answer_is_refused(assistant: Assistant, told: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        list(Verifier(assistant.library).verify(told))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("receipt", {}),
        ("receipt", 3),
        ("receipt.raw_start", "x"),
        ("receipt.raw_end", float("inf")),
        ("highlights", 3),
        ("highlights.0.start", None),
        ("score", "high"),
        ("source", None),
    ],
)
def test_a_malformed_receipt_gives_one_line(assistant: Assistant, path: str, value: object) -> None:
    told = change(as_json(assistant, QUESTION), path, value)
    verifier = Verifier(assistant.library)
    for replayed in (verifier.verify(told), verifier.quotes(told)):
        with pytest.raises(AnswerError) as error:
            list(replayed)
        assert "\n" not in str(error.value)


def test_as_many_quotes_as_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION, k=50)
    assert len(answer.quotes or answer.nearest) == 50


@pytest.mark.parametrize("question", ["", "  \n", "骨" * 100_000])
def test_a_question_that_cannot_be_read(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError) as error:
        assistant.ask(question)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("k", [0, -1, 51])
def test_k_has_bounds(assistant: Assistant, k: int) -> None:
    with pytest.raises(QuestionError):
        assistant.ask("骨折", k=k)


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("那儿童呢？", "Wilson病成人患者骨质疏松的比例是多少？ 那儿童呢？"),
        (
            "And would it help them?",
            "Wilson病成人患者骨质疏松的比例是多少？ And would it help them?",
        ),
        ("酒精怎样影响骨量？", "酒精怎样影响骨量？"),
    ],
)
def test_only_the_users_words_are_carried_over(
    assistant: Assistant, question: str, understood: str
) -> None:
    answer = assistant.ask(question, history=["Wilson病成人患者骨质疏松的比例是多少？"])
    assert answer.question == question
    assert answer.read_as == understood


def test_only_the_reviews_that_are_quoted_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library", Hashed())
    library.add([write(tmp_path, f"{at}.txt", f"瘦素保护骨量{at}。") for at in range(30)])
    library.indexes()
    read: list[str] = []
    review = Store.review
    monkeypatch.setattr(Store, "review", lambda self, id: read.append(id) or review(self, id))
    opened = Library(library.folder, Hashed())
    answer = Assistant(opened).ask("瘦素保护骨量7。", k=2)
    quotes = answer.quotes or answer.nearest
    assert len(read) == len(quotes) == 2
    assert {quote.review.id for quote in quotes} == set(read)
