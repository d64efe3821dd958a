"""In-text reference numbers of every form."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import markers, read_bytes
from sources.markers import read_markers


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


@pytest.mark.parametrize(
    "text",
    [
        "in 2019 and (2020)",
        "published [1998], [2003]",
        "kg/m², cm³, 10³ and 2.5×10⁹",
        "H₂O, Ca²⁺, SO₄²⁻, ¹⁸F-FDG, ⁹⁹ᵐTc",
        "R² = 0.9 and χ² of 4",
        "within [0.5-1.2]",
        "95% CI [1.2, 3.4], CI [1, 3], IQR [3-5]",
        "[95% CI]",
        "equation (3), Eq. [3], 见式[3]",
        "aged [18-65] years old",
        "年龄[18-65]岁",
        "[RANKL] [a] [ ] []",
    ],
)
def test_what_is_no_marker(text: str) -> None:
    assert markers(text) == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("维生素D¹³与CD4¹²", (13, 12)),
        ("vitamin K² and in 2019¹⁴", (2, 14)),
        ("[see 4] [e.g., 9] [12, p. 3]", (4, 9, 12)),
        ("age [1], a wide range [13], the formula [2], 方式[5], 发表[6]", (1, 13, 2, 5, 6)),
    ],
)
def test_markers_beside_such_words(text: str, numbers: tuple[int, ...]) -> None:
    assert markers(text) == numbers


@pytest.mark.parametrize(
    ("text", "spans", "numbers"),
    [
        ("bone loss13,14 and fat", [(9, 14)], (13, 14)),
        ("bone loss13, 14 and fat", [(9, 11), (13, 15)], (13, 14)),
        ("bone loss4–6.", [(9, 12)], (4, 5, 6)),
        ("30 kg/m2 and 103 cells", [(7, 8), (15, 16)], ()),
        ("Ca2+ and 18F", [(2, 4), (9, 11)], ()),
        ("loss* and lossa", [(4, 5), (14, 15)], ()),
    ],
)
def test_digits_set_raised(
    text: str, spans: list[tuple[int, int]], numbers: tuple[int, ...]
) -> None:
    found = [number for marker in read_markers(text, spans) for number in marker.numbers]
    assert tuple(found) == numbers


LIST = (
    "\n\nReferences\n\n"
    "García-Márquez, J., Lee, A., & Kim, B. (2019a). One. Bone, 1(1), 1–2.\n"
    "García-Márquez, J., Lee, A., & Kim, B. (2019b). Two. Bone, 1(1), 3–4.\n"
    "Smith, J., & Jones, K. (2019). Three. Bone, 1(1), 5–6.\n"
    "Smith, J. (2019). Four. Bone, 1(1), 7–8.\n"
    "van der Berg, P. (2018). Five. Bone, 1(1), 9–10.\n"
    "World Health Organization. (2015). Six. Bone, 1(1), 11–12.\n"
    "李四, 张三, 2018. 骨与肝[J]. 骨杂志, 3(2): 1-5.\n"
    "张三, 李四, 王五, 等, 2019. 骨与脂肪[J]. 骨杂志, 3(2): 1-5.\n"
)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Bone falls (Smith & Jones, 2019).", {"Smith & Jones, 2019": "Three"}),
        ("However, Smith and Jones (2019) agree.", {"Smith and Jones (2019)": "Three"}),
        ("In Smith's (2019) study it fell.", {"Smith's (2019)": "Four"}),
        ("It fell (Garcia-Marquez et al., 2019b).", {"Garcia-Marquez et al., 2019b": "Two"}),
        ("It fell (García-Márquez et al., 2019).", {"García-Márquez et al., 2019": None}),
        (
            "It fell (see also Van der Berg, 2018: 12; WHO, 2015).",
            {"Van der Berg, 2018": "Five", "WHO, 2015": "Six"},
        ),
        ("World Health Organization (2015) says so.", {"World Health Organization (2015)": "Six"}),
        ("It fell (Smith et al., 2019).", {"Smith et al., 2019": "Three"}),
        ("It fell (Nobody, 2011).", {"Nobody, 2011": None}),
        ("骨量下降（张三等，2019）。", {"张三等，2019": "骨与脂肪"}),
        ("研究表明张三等(2019)所见如此。", {"张三等(2019)": "骨与脂肪"}),
        ("李四和张三（2018）认为如此。", {"李四和张三(2018)": "骨与肝"}),
        ("研究表明赵六等（2011）所见如此。", {"赵六等(2011)": None}),
        ("Bone fell in Beijing (2019) and (January 2019), (n = 2019).", {}),
        ("随访(2019年)。据报道(2019)如此。", {}),
    ],
)
def test_author_and_year(text: str, cited: dict[str, str | None]) -> None:
    review = read_bytes((text + LIST).encode(), Path("review.txt"))
    found = {
        review.text[each.start : each.end]: each.reference and each.reference.csl.get("title")
        for each in review.cited(0, len(text))
    }
    assert found == cited


def test_one_marker_for_two_years() -> None:
    review = read_bytes(
        ("It fell (García-Márquez et al., 2019a, b)." + LIST).encode(), Path("a.txt")
    )
    cited = review.cited(0, 42)
    assert [each.reference and each.reference.csl["title"] for each in cited] == ["One", "Two"]


def test_a_number_that_opens_a_paragraph_counts_the_items_of_a_list() -> None:
    text = "[1] First, bone falls [2].\n\nReferences\n[1] Smith J. One. Bone. 2019;1:1.\n[2] Smith J. Two. Bone. 2019;1:2.\n"
    review = read_bytes(text.encode(), Path("a.txt"))
    assert [cited.marker for cited in review.cited(0, 26)] == [2]
