"""Repair changes layout only, and comes to the same words however the layout was broken."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest

from sources import bundled_reviews, repair
from sources.characters import is_han, is_layout, usual_form
from sources.layout import Layout
from sources.sentences import sentences

RAWS = {review.id: review.raw for review in bundled_reviews()}
SEEDS = range(12)


def assert_only_layout_changed(raw: str, layout: Layout) -> None:
    """Every character of the file is in the text, in order, or white space, or listed as aside."""
    aside = {at for each in layout.set_aside for at in range(each.raw_start, each.raw_end)}
    kept = [at for at, char in enumerate(raw) if not is_layout(char) and at not in aside]
    words = [at for at, char in enumerate(layout.text) if not char.isspace()]
    assert "".join(layout.text[at] for at in words) == "".join(usual_form(raw[at]) for at in kept)
    assert [layout.alignment.raw(at) for at in words] == kept
    for at, char in enumerate(layout.text):
        if char.isspace():
            assert raw[layout.alignment.raw(at)].isspace()


def words_of(layout: Layout) -> list[str]:
    """Return every sentence of the prose without white space."""
    quotable = [part for part in layout.sections if part.role in ("abstract", "body")]
    return [
        re.sub(r"\s", "", unicodedata.normalize("NFKC", layout.text[start:end]))
        for first, last in layout.paragraphs
        if any(part.start <= first < part.end for part in quotable)
        for start, end in sentences(layout.text, first, last)
    ]


def within_prose(raw: str, chance: random.Random, share: float) -> list[int]:
    """Choose places between two Chinese characters of one line that is no heading."""
    return [
        at
        for line in re.finditer(r"[^\n]{15,}", raw)
        if re.search("[，。、]", line[0])
        for at in range(line.start() + 2, line.end() - 2)
        if is_han(raw[at - 1]) and is_han(raw[at]) and chance.random() < share
    ]


def insert(raw: str, places: list[int], what: str) -> str:
    for at in reversed(places):
        raw = raw[:at] + what + raw[at:]
    return raw


def extra_wraps(raw: str, chance: random.Random) -> str:
    return insert(raw, within_prose(raw, chance, 0.01), "\n")


def stretched(raw: str, chance: random.Random) -> str:
    return insert(raw, within_prose(raw, chance, 0.1), " ")


def full_width(raw: str, chance: random.Random) -> str:
    return "".join(
        chr(ord(char) + 0xFEE0)
        if re.fullmatch(r"[A-Za-z0-9()\[\]]", char) and chance.random() < 0.3
        else char
        for char in raw
    )


def page_headers(raw: str, chance: random.Random) -> str:
    year = 2016
    headers = [
        f"\n\n{1500 + 2 * n} 中国骨质疏松杂志 {year} 年 9 月第 22 卷第 9 期\n\n\n" for n in range(3)
    ]
    headers.append("\n\n\nChin J Osteoporos, September 2016, Vol 22, No. 9  1233\n\n\n")
    headers.append("\n\n\n第 4 页 共 12 页\n\n\n")
    places = within_prose(raw, chance, 1.0)
    places = [at for at in places if raw[at - 12 : at + 12].count("\n") == 0]
    for at in sorted(chance.sample(places, len(headers)), reverse=True):
        raw = raw[:at] + headers.pop() + raw[at:]
    return raw


@pytest.mark.parametrize("raw", RAWS.values(), ids=RAWS.keys())
def test_only_layout_changes(raw: str) -> None:
    assert_only_layout_changed(raw, repair(raw))


@pytest.mark.parametrize("mutate", [extra_wraps, stretched, full_width, page_headers])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("raw", RAWS.values(), ids=RAWS.keys())
def test_the_words_come_out_the_same_however_they_were_broken(mutate, seed, raw) -> None:
    broken = mutate(raw, random.Random(seed))
    assert broken != raw
    layout = repair(broken)
    assert_only_layout_changed(broken, layout)
    assert words_of(layout) == words_of(repair(raw))


def test_what_is_set_aside_is_listed() -> None:
    raw = RAWS["liver-osteoporosis"]
    aside = [(each.reason, raw[each.raw_start : each.raw_end]) for each in repair(raw).set_aside]
    assert [reason for reason, _ in aside] == ["furniture", "foreign", "foreign"]
    assert aside[0][1].startswith("2121 中国骨质疏松杂志")
    assert aside[1][1] == "更 正"
    assert "冯雯雯" in aside[2][1]
    assert "冯雯雯" not in repair(raw).text


def test_a_word_broken_across_lines_loses_only_the_hyphen() -> None:
    layout = repair("It has been be-\nlieved that long-\nterm HLA-\nDR52a is pro-\ntective.\n")
    assert layout.text == "It has been believed that long-term HLA-DR52a is protective."
    assert [each.reason for each in layout.set_aside] == ["hyphen", "hyphen"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("称 其 为 肝 性 骨 病。", "称其为肝性骨病。"),
        ("没有差异 ( P = 0. 9 ) 。", "没有差异(P=0.9)。"),
        ("患者血清 ＲANKL /\nOPG 比值高［９］。", "患者血清RANKL/OPG比值高[9]。"),
        ("患病率 13% －60% 不等，20 －\n40%。", "患病率13%-60%不等，20-40%。"),
        ("发病率 5: 100000 人 /年。", "发病率5:100000人/年。"),
        ("In 2019. 25 patients died of it.", "In 2019. 25 patients died of it."),
        ("骨骨\u200b骨\ufeff骨。", "骨骨骨骨。"),
        ("zero\u00ad\nwidth words.", "zerowidth words."),
        ("a\r\nb\rc.", "a b c."),
    ],
)
def test_spacing(raw: str, text: str) -> None:
    layout = repair(raw + "\n")
    assert layout.text == text
    assert_only_layout_changed(raw + "\n", layout)
