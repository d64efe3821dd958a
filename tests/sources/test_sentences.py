"""Golden rules for cutting sentences and passages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.characters import columns
from sources.sentences import MAX_PASSAGE_COLUMNS, passages, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    "expected",
    [
        ["骨量减少。", "骨折增加！", "为什么？"],
        ["中医说“肝主筋。”", "后来呢？"],
        ["骨“痿”。[4]", "他说“好！”，然后走。"],
        ["第一句；同一句。", "第二句。"],
        ["见表(详见上文。另见下文)所示。", "完。"],
        ["“丈夫……七八，肝气衰”。", "若肝失疏泄……则病。"],
        ["维生素D．", "慢性肝病．"],
        ["肥胖率为5.2%。", "No. 9 of 10."],
        ["激活核因子[RANKL途径是关键，OPG可阻断。见图][21]。", "完。"],
    ],
)
def test_chinese(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Smith et al. found it.", "The rate was 0.5 in 2019.", "25 patients died."],
        ["It fell (P < 0.05. n = 3).", "He said “stop.”", "Then (Fig. 2) it rose."],
        ["Bone is lost.[13]", "Why?", "Nobody knows!"],
        ["We used E. coli and J. Smith did.", "It needs vitamin D.", "Then more."],
        ["It rose vs. controls, e.g. in men.", "(See also ref. 3.)", "End"],
        ["Use 1.5 mg. of it.", "No. 9 is next."],
    ],
)
def test_english(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@given(st.text(alphabet="骨a.。！ [1](）“”\n", max_size=80))
def test_sentences_cover_the_paragraph_but_for_white_space(text: str) -> None:
    spans = sentences(text, 0, len(text))
    covered = {at for start, end in spans for at in range(start, end)}
    assert all(start < end for start, end in spans)
    assert all(before <= after for (_, before), (after, _) in pairwise(spans))
    assert all(char.isspace() for at, char in enumerate(text) if at not in covered)


@given(st.lists(st.integers(1, 400), max_size=30))
def test_passages_are_whole_sentences_in_order_and_not_too_wide(lengths: list[int]) -> None:
    text = "".join("骨" * (length - 1) + "。" for length in lengths)
    ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
    spans = [(end - length, end) for length, end in zip(lengths, ends, strict=True)]
    groups = list(passages(text, spans))
    assert [at for first, last in groups for at in range(first, last)] == list(range(len(lengths)))
    for first, last in groups:
        assert (
            last - first == 1
            or columns(text[spans[first][0] : spans[last - 1][1]]) <= MAX_PASSAGE_COLUMNS
        )
