"""Reference lists of every layout: where entries begin and end, and what cites them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.references import measure
from sources import Review, read_bytes, repair
from tests.bibliographies import LANGUAGES, make

FIRST = "Smith J, Jones K. Bone and fat mass in older women. J Bone Miner Res. 2019;34(2):123-130."
SECOND = "Brown A. Vitamin K. J Bone Miner Res. 2018;33(2):23-30."
PROSE = "Bone falls with age [1]. Fat harms bone [2].\n\n"


def review(text: str) -> Review:
    return read_bytes(text.encode(), Path("review.txt"))


def entries(text: str) -> list[tuple[int | None, str]]:
    read = review(text)
    return [
        (each.marker, " ".join(read.text[each.start : each.end].split()))
        for each in read.references
    ]


NUMBERED = [(1, FIRST), (2, SECOND)]


@pytest.mark.parametrize(
    "form",
    ["[{}] ", "{}. ", "［{}］", "{}、", "({}) ", "（{}）", "{}．", "[{}]", "【{}】", "{} ", "{}) "],
)
@pytest.mark.parametrize(
    "heading",
    ["References", "REFERENCES:", "7. References", "# References", "参考文献", "【参考文献】"],
)
def test_numbered(form: str, heading: str) -> None:
    listed = f"{form.format(1)}{FIRST}\n{form.format(2)}{SECOND}\n"
    assert entries(f"{PROSE}{heading}\n\n{listed}") == NUMBERED


@pytest.mark.parametrize(
    "listed",
    [
        "1. Smith J, Jones K. Bone and fat mass in older\nwomen. J Bone Miner Res.\n2019;34(2):123-130.\n2. Brown A. Vitamin K.\nJ Bone Miner Res. 2018;33(2):23-30.",
        "1. Smith J, Jones K. Bone and fat mass in older\n\nwomen. J Bone Miner Res.\n\n2019;34(2):123-130.\n\n2. Brown A. Vitamin K.\n\nJ Bone Miner Res. 2018;33(2):23-30.",
        f"   [1] {FIRST}\n   [2] {SECOND}",
        f"[1] {FIRST} [2] {SECOND}",
        f"[1] {FIRST}\n· 12 ·\n\f[2] {SECOND}",
    ],
    ids=["wrapped", "blank lines within", "indented", "one line", "a page between"],
)
def test_layouts(listed: str) -> None:
    assert entries(f"{PROSE}References\n\n{listed}\n") == NUMBERED


def test_the_list_on_the_line_of_its_heading() -> None:
    assert entries(f"{PROSE}参考文献：[1] {FIRST}\n[2] {SECOND}\n") == NUMBERED


def test_gaps_are_kept_and_years_are_no_numbers() -> None:
    listed = f"1. {FIRST}\n2. Adams C. Osteoporosis\nin men. Lancet;\n2012. p. 12\n5. {SECOND}\n6. {FIRST}\n"
    assert [number for number, _ in entries(f"{PROSE}References\n{listed}")] == [1, 2, 5, 6]


def test_a_work_and_its_rendering_are_one_entry() -> None:
    zh = "张三. 骨与脂肪[J]. 骨杂志, 2019, 3(2): 1-5."
    en = "Zhang S. Bone and fat[J]. Chin J Bone, 2019, 3(2): 1-5."
    read = review(f"{PROSE}参考文献\n[1] {zh}\n[1] {en}\n[2] {SECOND}\n")
    assert [each.marker for each in read.references] == [1, 2]
    assert read.references[0].csl["title"] == "骨与脂肪"
    other = review(f"{PROSE}参考文献\n[1] {zh}\n[1] {FIRST}\n[2] {SECOND}\n")
    assert other.references[0].csl == {}


def test_a_number_given_twice_resolves_to_neither() -> None:
    read = review(
        f"{PROSE}References\n1. {FIRST}\n2. {SECOND}\n\nReferences\n\n1. {SECOND}\n2. {FIRST}\n"
    )
    assert [cited.reference for cited in read.cited(0, len(PROSE))] == [None, None]


@pytest.mark.parametrize(
    "between", ["\n", "\n    ", "\n\n"], ids=["flat", "hanging", "blank lines"]
)
def test_author_year(between: str) -> None:
    works = [
        [
            "Smith, J., & Jones, K. (2019). Bone and fat mass in older",
            "women. Bone, 34(2), 123–130.",
        ],
        [
            "van der Berg, P., Lee, A., Kim, J., Brown, C.,",
            "& Evans, F. (2018). Vitamin K. Bone, 33, 1–9.",
        ],
        ["World Health Organization. (2015). Guidelines on", "bone. WHO Press."],
    ]
    within = between if between != "\n\n" else "\n"
    after = "\n\n" if between == "\n\n" else "\n"
    listed = after.join(within.join(lines) for lines in works)
    text = f"Bone falls (Smith & Jones, 2019).\n\nReferences\n\n{listed}\n"
    assert entries(text) == [(None, " ".join(lines)) for lines in works]


@pytest.mark.parametrize(
    ("language", "style"),
    [(language, style) for language in LANGUAGES for style in LANGUAGES[language]],
)
def test_made_reviews(language: str, style: str) -> None:
    """98 of 100 markers find their entry, none a wrong one, in reviews made from known truth."""
    for seed in range(1000, 1006):
        found = measure(make(seed, language, style))
        assert found["right"] >= 0.98 * found["markers"] > 0, seed
        assert (found["wrong"], found["false"], found["fields wrong"]) == (0, 0, 0), seed
        assert found["entries exact"] >= 0.98 * found["entries"], seed


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                FIRST,
                SECOND,
                f"[1] {FIRST}",
                f"2. {SECOND}",
                "",
                "References",
                "参考文献",
                "12",
                "2019. 3",
            ]
        ),
        st.text("abcAB 骨质12[]().，。;&", max_size=60),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_entries_stay_within_their_section_and_apart(lines: list[str]) -> None:
    raw = PROSE + "References\n" + "\n".join(lines)
    read = review(raw)
    assert read.raw == raw
    assert read.text == repair(raw).text
    spans = [(each.start, each.end) for each in read.references]
    sections = [part for part in read.sections if part.role == "references"]
    for start, end in spans:
        assert start < end
        assert any(part.start <= start and end <= part.end for part in sections)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    for cited in read.cited(0, len(read.text)):
        assert 0 <= cited.start < cited.end <= len(read.text)
