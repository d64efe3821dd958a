"""What is said everywhere is not looked for everywhere, and counts all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import index.lexical
from index.lexical import LexicalIndex
from index.votes import Vote

COMMON, RARE = Vote(1.0, (("bone",),)), Vote(1.0, (("leptin",), ("irisin",)))


@pytest.fixture
def words(tmp_path: Path) -> LexicalIndex:
    texts = ["bone grows", "bone and leptin", "leptin alone", "irisin in bone", "bone is lost"] * 20
    numbered = ((at, at, text) for at, text in enumerate(texts, 1))
    return LexicalIndex.create(tmp_path / "words").changed([], numbered)


def test_of_common_words_only_sentences_that_hold_a_rarer_one_are_found_with_the_same_scores(
    words: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = dict(words.search([COMMON, RARE], 200))
    assert len(whole) == 100
    monkeypatch.setattr(index.lexical, "LOOKED_AT", 70)
    found = words.search([COMMON, RARE], 200)
    assert dict(found) == pytest.approx({id: whole[id] for id in whole if id % 5 in (2, 3, 4)})
    assert found[:10] == words.search([RARE, COMMON], 10)
    assert [score for _, score in found] == sorted(dict(found).values(), reverse=True)


def test_a_common_word_alone_is_looked_for(
    words: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.lexical, "LOOKED_AT", 10)
    unknown = Vote(1.0, (("nowhere",),))
    assert len(words.search([COMMON, unknown], 200)) == 80
    assert words.search([unknown], 200) == []
    assert len(words.search([COMMON, RARE], 200, [2, 3, 5])) == 2


def test_what_the_commonest_words_would_add_is_not_read(
    words: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = words.search([RARE], 200)
    monkeypatch.setattr(index.lexical, "LOOKED_AT", 70)
    monkeypatch.setattr(index.lexical, "READ", 70)
    assert words.search([COMMON, RARE], 200) == alone
    assert len(words.search([COMMON], 200)) == 80, "the rarest there is always counts"
