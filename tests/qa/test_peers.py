"""The comparison with other programs: its yardstick, its processes, its environments."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.peers.__main__ import BARE, OURS, QUESTIONS, Comparison, ratio, speed, standing
from benchmarks.peers.environments import PEERS, Unavailable, interpreter
from benchmarks.peers.workers import worker
from benchmarks.peers.yardstick import Found, Unit, quality, table
from qa.evaluate import Question

SOURCES = ["骨量 减少［1］。\n维生素K\n缺乏导致骨丢失。"]


def asked(*keys: str, language: str = "zh", kind: str = "fact") -> Question:
    return Question("Q", "?", (), language, kind, tuple(("doc", None, key) for key in keys))


def found(question: Question, *units: Unit) -> Found:
    return Found(question, units)


def test_a_unit_holds_what_answers_layout_aside() -> None:
    one = found(asked("骨量减少[1]", "丢失"), ("缺乏", 0.9), ("骨量 减\n少［1］。", 0.8))
    assert not one.holds(1)
    assert one.holds(3)


def test_half_a_gold_sentence_is_none() -> None:
    assert not found(asked("骨量减少"), ("骨量", 0.9), ("减少", 0.8)).holds(3)


def test_the_figures_of_a_few_answers() -> None:
    told = quality(
        [
            found(asked("骨丢失"), ("维生素K\n缺乏导致骨丢失。", 0.9)),
            found(asked("骨量减少"), ("维生素K缺乏导致骨丢失。", 0.4), ("骨量 减少[1]", 0.3)),
            found(asked("骨量", language="en"), ("bone", 0.2)),
            found(asked(), ("骨", 0.3)),
            found(asked(kind="near"), ("骨丢失", 0.5)),
        ],
        SOURCES,
    )
    assert told == {
        "characters": 4,
        "top 1, all": pytest.approx(1 / 3),
        "top 3, all": pytest.approx(2 / 3),
        "top 1, zh": 0.5,
        "top 3, zh": 1,
        "top 1, en": 0,
        "top 3, en": 0,
        "AUROC": pytest.approx(3 / 6),
        "AUROC, near": pytest.approx(1 / 3),
        "exact": pytest.approx(3 / 6),
        "exact but for layout": pytest.approx(5 / 6),
    }


def test_ratios_are_of_rounds_and_the_best_peer_is_the_fastest() -> None:
    rounds = {
        OURS: [{"s": 1.0}, {"s": 2.0}, {"s": 9.0}],
        "txtai": [{"s": 2.0}, {"s": 4.0}, {"s": 3.0}],
        "haystack": [{"s": 9.0}, {"s": 9.0}, {"s": 9.0}],
    }
    assert ratio(rounds, "txtai", OURS) == 2
    assert standing(build=rounds) == {"build": "0.5 of txtai, the best peer"}


def test_tables_show_what_is_missing() -> None:
    assert table({"a": {"x": 1.2345, "y": 123.4}, "b": {"x": None}}) == (
        "| | x | y |\n|---|---|---|\n| a | 1.23 | 123 |\n| b | – | – |"
    )


def test_this_project_is_measured_as_the_others_are(tmp_path: Path) -> None:
    comparison = Comparison({OURS: Path(sys.executable)}, tmp_path)
    text = "维生素K缺乏导致骨丢失。 肥胖者骨量较高。 雌激素减少使骨吸收增加。"
    (tmp_path / "review.txt").write_text(text, "utf-8")
    comparison.files = [str(tmp_path / "review.txt")]
    built = comparison.build(1)
    question = Question("Q", "缺乏哪种维生素会丢骨头？", (), "zh", "fact", (("", None, "维生素K"),))
    seconds, given = comparison.ask([question, question])
    assert [each.holds(1) for each in given[OURS]] == [True, True]
    assert quality(given[OURS], [text])["exact"] == 1
    assert len(seconds[OURS]) == 1  # what was kept from the first time is not timed
    assert built[OURS][0]["s"] > 0
    assert built[OURS][0]["memory, MB"] > 100


def test_speed_is_told_beside_ours_and_beside_one_encoding() -> None:
    def once(seconds: float) -> list[dict[str, float]]:
        return [{"s": seconds, "processor, s": seconds, "memory, MB": 500}]

    built = {OURS: once(4), "txtai": once(8)}
    asked = {OURS: once(0.01), "txtai": once(0.03), BARE: once(0.02)}
    told = speed(built, built, asked)
    assert told["txtai"]["build, of ours"] == told["txtai"]["cold, of ours"] == 2
    assert told["txtai"]["ask, of ours"] == pytest.approx(3)
    assert told[OURS]["ask, of fp32"] == 0.5
    assert told[BARE]["ask p50, ms"] == 20
    assert "build, s" not in told[BARE]


def test_a_process_that_ends_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        worker(Path(sys.executable), "nobody", log) as none,
        pytest.raises(SystemExit, match=r"nobody: .*No module named benchmarks\.peers\.nobody"),
    ):
        none.do("open", str(tmp_path))


def test_an_environment_that_cannot_be_made_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CONFIG_FILE": "/dev/null", "NO_INDEX": "1", "FIND_LINKS": ""}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    with pytest.raises(Unavailable, match="No matching distribution found for torch=="):
        interpreter("txtai", tmp_path, None)
    assert not (tmp_path / "txtai" / "made.txt").exists()


def test_every_peer_is_pinned_and_has_its_adapter() -> None:
    folder = Path(QUESTIONS).parent / "peers"
    for name, peer in PEERS.items():
        assert any("==" in each for each in peer.versions)
        assert "serve(" in (folder / f"{name.replace('-', '_')}.py").read_text("utf-8")
