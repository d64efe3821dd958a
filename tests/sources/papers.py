"""Reviews made up for the tests, in Chinese and English, of which every sentence is known.

The words mean little; what matters is how they are set: numbers, abbreviations, long words to be
broken, markers in brackets or raised, tables and figures between the paragraphs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import cast

RAISE, LOWER = "\ue000", "\ue001"
"""Stand around what is set as a superscript."""

_SUBJECTS = [
    "long-term glucocorticoid therapy",
    "bone mineral density",
    "the RANKL/OPG ratio",
    "serum IL-6",
    "visceral fat",
    "vitamin D deficiency",
    "the final diagnosis",
    "a finite element analysis",
    "obesity",
    "chronic liver disease",
    "the reflex response",
    "the fracture rate",
    "the offspring of affected mothers",
    "25-hydroxyvitamin D",
    "osteocalcin",
    "TNF-α",
    "the efficacy of bisphosphonates",
    "hepatic osteodystrophy",
    "the Wnt/β-catenin pathway",
    "insulin-like growth factor",
    "adiponectin",
    "postmenopausal osteoporosis",
    "a well-known risk factor",
]
_VERBS = [
    "significantly increased",
    "was associated with",
    "did not change",
    "substantially decreased",
    "predicted",
    "may influence",
    "was found to determine",
    "independently affected",
    "failed to improve",
    "inhibited",
    "was positively correlated with",
    "reflects",
]
_OBJECTS = [
    "trabecular microarchitecture",
    "osteoclast differentiation",
    "the risk of vertebral fractures",
    "bone formation in transplantation candidates",
    "cortical thickness",
    "calcium absorption",
    "the proliferation of preosteoblasts",
    "body composition",
    "insulin sensitivity",
    "skeletal fragility",
    "the inflammatory response",
    "mesenchymal stem cells",
    "mechanical loading",
    "hip and forearm strength",
]
_TAILS = [
    "",
    ", as Smith et al. reported in 2014",
    " (p < 0.05)",
    " in 35.6% of patients (n = {n})",
    " vs. controls",
    ", i.e. within {m} months",
    "; the effect was small but consistent",
    " (95% CI {x}-{y})",
    ", which is believed to reflect a high-turnover state",
    " at a dose of {x} mg/day",
    " by {n}%",
]
_ZH_SUBJECTS = [
    "长期糖皮质激素治疗",
    "骨密度",
    "RANKL/OPG比值",
    "血清IL-6水平",
    "内脏脂肪",
    "维生素D缺乏",
    "慢性肝病",
    "肥胖人群",
    "骨折风险",
    "骨钙素",
    "TNF-α",
    "双膦酸盐",
    "肝性骨病",
    "Wnt/β-catenin信号通路",
    "胰岛素样生长因子-1",
    "脂联素",
    "绝经后骨质疏松症",
    "破骨细胞",
    "骨髓间充质干细胞",
]
_ZH_VERBS = [
    "显著增加",
    "与之相关的是",
    "并不改变",
    "明显降低",
    "可以预测",
    "影响",
    "独立地影响",
    "抑制",
    "正向调节",
    "反映了",
]
_ZH_OBJECTS = [
    "骨小梁的微结构",
    "破骨细胞的分化",
    "椎体骨折的风险",
    "肝移植患者的骨形成",
    "皮质骨厚度",
    "钙的吸收",
    "前成骨细胞的增殖",
    "身体成分",
    "胰岛素敏感性",
    "骨骼的脆性",
    "炎症反应",
    "机械负荷",
    "髋部和前臂的强度",
]
_ZH_TAILS = [
    "",
    "，如Smith等在2014年所报道",
    "(P<0.05)",
    "，占患者的35.6%({n}例)",
    "，其机制尚不清楚",
    "，即在{m}个月以内",
    "；其作用虽小但是一致",
    "，治疗剂量为{x}mg/d",
    "，下降了{n}%",
    "，这被认为是高转换状态的表现",
]
_ZH_NAMES = ["张伟", "王秀英", "李娜", "刘洋", "陈静", "杨帆", "赵敏", "黄磊"]
_EN_NAMES = ["Anna Smith", "Wei Zhang", "Jean Dupont", "Maria Rossi", "John Miller", "Kenji Tanaka"]


@dataclass(frozen=True)
class Heading:
    level: int
    number: str
    title: str


@dataclass(frozen=True)
class Paragraph:
    sentences: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Table:
    caption: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    caption: str


Element = Heading | Paragraph | Table | Figure


@dataclass(frozen=True)
class Paper:
    """A review and all that is true of it; markers are raised where `RAISE` and `LOWER` stand."""

    language: str
    title: str
    authors: tuple[str, ...]
    journal: str
    year: int
    volume: str
    issue: str
    first_page: int
    doi: str
    abstract: tuple[str, ...]
    keywords: tuple[str, ...]
    body: tuple[Element, ...]
    references: tuple[str, ...]

    @property
    def marked(self) -> Iterator[str]:
        """Every sentence of the prose in order, with the marks of superscripts."""
        yield from self.abstract
        for element in self.body:
            if isinstance(element, Paragraph):
                yield from element.sentences

    @property
    def sentences(self) -> list[str]:
        return [plain(sentence) for sentence in self.marked]

    @property
    def raised(self) -> list[str]:
        """What is set as superscript, in order."""
        marked = (re.findall(f"{RAISE}(.*?){LOWER}", sentence) for sentence in self.marked)
        return [each for found in marked for each in found]

    @property
    def cited(self) -> list[int]:
        """The number of every reference that the prose cites, in order."""
        return [number for sentence in self.marked for number in cited(sentence)]

    @property
    def entries(self) -> list[str]:
        """The entries of the reference list without their numbers."""
        return [re.sub(r"^\[?\d+[\].] ", "", entry) for entry in self.references]

    @property
    def captions(self) -> list[str]:
        return [each.caption for each in self.body if isinstance(each, Table | Figure)]

    @property
    def rows(self) -> list[str]:
        tables = [each for each in self.body if isinstance(each, Table)]
        return [" ".join(row) for table in tables for row in table.rows]

    @property
    def headings(self) -> list[str]:
        return [each.title for each in self.body if isinstance(each, Heading)]

    @property
    def notes(self) -> list[str]:
        return [each.note for each in self.body if isinstance(each, Paragraph) and each.note]


def plain(sentence: str) -> str:
    return sentence.replace(RAISE, "").replace(LOWER, "")


def cited(sentence: str) -> list[int]:
    """Return the number of every reference that a sentence cites, in order."""
    found: list[int] = []
    for first, sign, last in re.findall(rf"[\[{RAISE}](\d+)(?:([,-])(\d+))?[\]{LOWER}]", sentence):
        found += (
            range(int(first), int(last) + 1)
            if sign == "-"
            else map(int, filter(None, (first, last)))
        )
    return found


def latin(paper: Paper) -> Paper:
    """Write Greek letters out, for fonts that have none."""
    return cast(Paper, _latin(paper))


def _latin(each: object) -> object:
    if isinstance(each, str):
        return each.replace("α", "alpha").replace("β", "beta")
    if isinstance(each, tuple):
        return tuple(map(_latin, each))
    if isinstance(each, Paper | Heading | Paragraph | Table | Figure):
        return replace(each, **{own.name: _latin(getattr(each, own.name)) for own in fields(each)})
    return each


def paper(language: str, seed: int, raised: bool = False, sections: int = 5) -> Paper:
    """Make up a review; with `raised` its markers are superscripts, else they stand in brackets."""
    return _Author(language, seed, raised).paper(sections)


class _Author:
    def __init__(self, language: str, seed: int, raised: bool) -> None:
        self.chance = random.Random(f"{language}{seed}")
        self.zh = language == "zh"
        self.raised = raised
        self.seed = seed
        self.told: set[str] = set()

    def paper(self, sections: int) -> Paper:
        abstract = self.some(4, cited=False)
        body = tuple(self.body(sections))
        choose = self.chance.choice
        return Paper(
            "zh" if self.zh else "en",
            f"肥胖、肝病与骨质疏松相关性的研究进展（{self.seed}）"
            if self.zh
            else f"Obesity, Liver Disease and Osteoporosis: A Review of the Evidence, Part {self.seed}",
            tuple(self.chance.sample(_ZH_NAMES if self.zh else _EN_NAMES, 3)),
            "中国骨质疏松杂志" if self.zh else "Journal of Bone Research",
            choose(range(2009, 2024)),
            str(choose(range(11, 40))),
            str(choose(range(1, 12))),
            choose(range(101, 1900)),
            f"10.3969/j.issn.1006-7108.2016.09.{self.seed:03}",
            abstract,
            ("骨质疏松", "肥胖", "肝病")
            if self.zh
            else ("osteoporosis", "obesity", "liver disease"),
            body,
            tuple(map(self.reference, range(1, 31))),
        )

    def body(self, sections: int) -> Iterator[Element]:
        tables = figures = notes = 0
        for number in range(1, sections + 1):
            yield Heading(1, str(number), self.heading(number, sections))
            for under in range(self.chance.choice((0, 2, 3)) if number > 1 else 0):
                yield Heading(2, f"{number}.{under + 1}", self.subheading())
                for _ in range(self.chance.randint(1, 3)):
                    note = ""
                    if self.chance.random() < 0.15:
                        notes += 1
                        note = self.note(notes)
                    yield Paragraph(self.some(self.chance.randint(3, 7)), note)
                    kind = self.chance.random()
                    if kind < 0.2:
                        tables += 1
                        yield self.table(tables)
                    elif kind < 0.35:
                        figures += 1
                        yield Figure(self.figure(figures))
            yield Paragraph(self.some(self.chance.randint(3, 6)))

    def some(self, count: int, cited: bool = True) -> tuple[str, ...]:
        return tuple(self.sentence(cited) for _ in range(count))

    def sentence(self, cited: bool) -> str:
        choose = self.chance.choice
        while True:
            numbers = {
                "n": self.chance.randint(11, 980),
                "m": self.chance.randint(2, 36),
                "x": f"{self.chance.random() * 5:.2f}",
                "y": f"{5 + self.chance.random() * 5:.2f}",
            }
            if self.zh:
                said = choose(_ZH_SUBJECTS) + choose(_ZH_VERBS) + choose(_ZH_OBJECTS)
                said += choose(_ZH_TAILS).format(**numbers)
                if self.chance.random() < 0.4:
                    said += "，" + choose(_ZH_SUBJECTS) + choose(_ZH_VERBS) + choose(_ZH_OBJECTS)
            else:
                said = f"{choose(_SUBJECTS)} {choose(_VERBS)} {choose(_OBJECTS)}"
                said += choose(_TAILS).format(**numbers)
                if self.chance.random() < 0.4:
                    said += f", whereas {choose(_SUBJECTS)} {choose(_VERBS)} {choose(_OBJECTS)}"
                said = said[0].upper() + said[1:]
            if said not in self.told:
                self.told.add(said)
                return self.cited(said) if cited and self.chance.random() < 0.5 else self.stop(said)

    def stop(self, said: str) -> str:
        return said + ("。" if self.zh else ".")

    def cited(self, said: str) -> str:
        first = self.chance.randint(1, 24)
        marker = self.chance.choice((f"{first}", f"{first},{first + 2}", f"{first}-{first + 3}"))
        if self.raised:
            if self.zh:
                return self.stop(f"{said}{RAISE}{marker}{LOWER}")
            return f"{self.stop(said)}{RAISE}{marker}{LOWER}"
        return self.stop(f"{said}[{marker}]" if self.zh else f"{said} [{marker}]")

    def heading(self, number: int, sections: int) -> str:
        if self.zh:
            return "引言" if number == 1 else "结论" if number == sections else self.subheading()
        return (
            "Introduction"
            if number == 1
            else "Conclusions"
            if number == sections
            else self.subheading()
        )

    def subheading(self) -> str:
        if self.zh:
            return self.chance.choice(_ZH_SUBJECTS) + "与" + self.chance.choice(_ZH_OBJECTS)
        of, on = self.chance.choice(_SUBJECTS), self.chance.choice(_OBJECTS)
        return f"Effects of {of} on {on}"

    def table(self, number: int) -> Table:
        numbers = [f"{self.chance.random() * 9:.2f}" for _ in range(12)]
        if self.zh:
            caption = f"表{number}各组患者{self.chance.choice(_ZH_OBJECTS)}的比较"
            head, names = ("组别", "例数", "骨密度", "P值"), ("肥胖组", "超重组", "对照组")
        else:
            caption = f"Table {number}. Comparison of {self.chance.choice(_OBJECTS)} among groups."
            head, names = (
                ("Group", "Patients", "Density", "P value"),
                ("Obese", "Overweight", "Control"),
            )
        rows = [(name, *numbers[at * 3 : at * 3 + 3]) for at, name in enumerate(names)]
        return Table(caption, (head, *rows))

    def figure(self, number: int) -> str:
        if self.zh:
            return f"图{number}{self.chance.choice(_ZH_SUBJECTS)}影响{self.chance.choice(_ZH_OBJECTS)}的示意图"
        of, on = self.chance.choice(_SUBJECTS), self.chance.choice(_OBJECTS)
        return f"Figure {number}. How {of} may act on {on}, as a diagram of the main steps."

    def note(self, number: int) -> str:
        if self.zh:
            return f"{RAISE}{number}{LOWER} 脚注：此处引用的数据{number}来自作者未发表的资料。"
        return f"{RAISE}{number}{LOWER} Footnote: the data of remark {number} are the authors' own, unpublished."

    def reference(self, number: int) -> str:
        year, volume = self.chance.randint(1990, 2015), self.chance.randint(1, 60)
        if self.zh:
            name = self.chance.choice(_ZH_NAMES)
            return (
                f"[{number}] {name}. {self.subheading()}[J]. 骨科杂志, {year}, {volume}(3): 12-19."
            )
        name = self.chance.choice(_EN_NAMES).split()[-1]
        return f"{number}. {name} A, Doe J. {self.subheading()}. J Bone Miner Res. {year};{volume}(3):12-19."
