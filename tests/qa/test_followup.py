"""Which questions stand alone."""

from __future__ import annotations

import pytest

from qa.followup import is_elliptical, read_as

NEED_MORE = [
    "那儿童呢？",
    "会遗传吗？",
    "发病率有多高？",
    "它跟哪些抗原有关？",
    "他们的骨折风险呢",
    "为什么？",
    "其机制是什么",
    "What is the mechanism?",
    "Why?",
    "And would taking more of it help them?",
    "How is it diagnosed?",
    "Which ones exactly?",
]
STAND_ALONE = [
    "他克莫司会让移植病人骨量下降吗？",
    "RANKL是什么？",
    "What is WHtR?",
    "BMI维持在什么范围，骨质疏松风险最小？",
    "How many liver transplant recipients end up with a fracture?",
    "酒精怎样影响成骨细胞和破骨细胞的数量和活性？",
]


@pytest.mark.parametrize("question", NEED_MORE)
def test_what_leaves_its_topic_out_is_no_question_by_itself(question: str) -> None:
    assert is_elliptical(question)


@pytest.mark.parametrize("question", STAND_ALONE)
def test_what_names_its_topic_stands_alone(question: str) -> None:
    assert not is_elliptical(question)
    assert read_as(question, ["肝豆状核变性患者骨质疏松的比例是多少？"]) == question


def test_a_chain_goes_back_to_the_question_that_stands_alone() -> None:
    history = ["BMI怎么算？", "原发性胆汁性肝硬化是怎样的一种慢性疾病？", "那它的发病率呢？"]
    assert read_as("会遗传吗？", history) == " ".join([*history[1:], "会遗传吗？"])


def test_without_history_a_question_is_what_it_is() -> None:
    assert read_as("那儿童呢？", []) == "那儿童呢？"
