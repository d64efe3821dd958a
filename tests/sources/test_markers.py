"""In-text reference numbers of every form."""

from __future__ import annotations

import pytest

from sources import markers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("骨丢失[13]。", (13,)),
        ("骨丢失［３］。", (3,)),
        ("[4] [5]", (4, 5)),
        ("[3-5,8]", (3, 4, 5, 8)),
        ("[1，2、4；6]", (1, 2, 4, 6)),
        ("[9–11]", (9, 10, 11)),
        ("bone loss¹²,¹³ and ⁴⁻⁶", (12, 13)),
        ("bone loss⁴⁻⁶", (4, 5, 6)),
        ("30 kg/m² and 10⁹ cells", ()),
        ("[RANKL/OPG] [0] [a1] (2020) [99999]", ()),
        ("[2][2][1]", (2, 1)),
        ("[3-1]", ()),
        ("", ()),
    ],
)
def test_markers(text: str, numbers: tuple[int, ...]) -> None:
    assert markers(text) == numbers
