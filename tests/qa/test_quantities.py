"""Questions for a quantity, and sentences that state one."""

from __future__ import annotations

import pytest

from qa.quantities import Quantity, asked_for, states


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("每天该用多少毫克？", Quantity.DOSE),
        ("那推荐的剂量是多少？", Quantity.DOSE),
        ("What is the recommended dose of calcium?", Quantity.DOSE),
        ("术后多久复查？", Quantity.DURATION),
        ("最长可以用几个月？", Quantity.DURATION),
        ("How long should it be taken?", Quantity.DURATION),
        ("患病率是多少？", Quantity.SHARE),
        ("降低了百分之几？", Quantity.SHARE),
        ("What percentage of patients is affected?", Quantity.SHARE),
        ("这部指南是哪一年发布的？", Quantity.TIME),
        ("When was the trial begun?", Quantity.TIME),
        ("有多少人参加？", Quantity.COUNT),
        ("How many people took part?", Quantity.COUNT),
        ("哪几种药物有效？", None),
        ("低剂量的药物与哪些药合用？", None),
        ("为什么要长期服药？", None),
        ("When bone is lost, what follows?", None),
        ("How does IL-6 act on bone?", None),
    ],
)
def test_what_is_asked_for(question: str, kind: Quantity | None) -> None:
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("每日补钙８００ｍｇ。", Quantity.DOSE),
        ("维生素D每日800国际单位。", Quantity.DOSE),
        ("维生素D水平低于20 ng/mL。", Quantity.DOSE),
        ("移植后3个月达到最大。", Quantity.DURATION),
        ("It was taken for several years.", Quantity.DURATION),
        ("发病率约为20%[2]。", Quantity.SHARE),
        ("三分之一的患者受累。", Quantity.SHARE),
        ("Half of the patients were affected.", Quantity.SHARE),
        ("该指南于2019年发布。", Quantity.TIME),
        ("20世纪80年代末开始。", Quantity.TIME),
        ("共纳入610例。", Quantity.COUNT),
        ("It consists of six parts.", Quantity.COUNT),
    ],
)
def test_what_states_it(text: str, kind: Quantity) -> None:
    assert states(text, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("IL-6和FGF19可促进骨形成[25]。", Quantity.COUNT),
        ("维生素K2可防止骨量丢失[14]。", Quantity.DOSE),
        ("共纳入610例患者。", Quantity.DOSE),
        ("Vitamin K prevents the loss of bone [14].", Quantity.DURATION),
        ("骨折的发生率更高[23,24]。", Quantity.SHARE),
    ],
)
def test_markers_and_names_state_nothing(text: str, kind: Quantity) -> None:
    assert not states(text, kind)
