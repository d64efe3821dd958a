"""Disk full, I/O errors, cut off, crowded: a sample here, all of it in `make soak`."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from .changing import CHANGES, prepare
from .crowding import crowd
from .injecting import broken, ways
from .traced import need_strace


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_strace()
    folder = tmp_path_factory.mktemp("injected")
    for name in CHANGES:
        prepare(folder / name, name)
    return folder


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_call_fails_the_library_is_whole_and_one_line_says_so(
    prepared: Path, name: str
) -> None:
    chance, found, happened = random.Random(name), list[str](), 0
    for call, how in chance.sample(list(ways()), 12):
        number = chance.choice((1, 1, 2, 3, 5, 8, 13))
        told = broken(prepared, name, call, how, number)
        happened += told is not None
        found += [f"{call} {how} {number}: {each}" for each in told or ()]
    assert found == []
    assert happened > 3


def test_answers_are_those_of_one_state_while_it_changes(tmp_path: Path) -> None:
    began = time.monotonic()
    *wrong, looked = crowd(tmp_path, 6, 3)
    assert wrong == []
    answers, _, _, states, *_ = looked.split()
    assert int(answers) > 20, looked
    assert int(states) > 2, looked
    assert time.monotonic() - began < 120
