"""Reviews made from known truth: works, their entries in four styles, and prose that cites them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sources import Review, read_bytes

STYLES = ("gbt7714", "vancouver", "apa", "springer", "elsevier", "nature", "gbt7714-author-year")
BY_NAMES = ("apa", "springer", "gbt7714-author-year")
LANGUAGES = {"zh": ("gbt7714", "gbt7714-author-year"), "en": STYLES}

_FAMILIES = (
    "Smith Jones García-Márquez O'Neill|van der Berg|Müller Brown de Beur|Li Wang Kanis Łukasik Sørensen|von Recklinghausen"
    "|Cosman Black Rosen Compston Çelik|De la Cruz|Nguyen Ivaska Ensrud Lane McCloskey Reid Eastell"
)
FAMILIES = tuple(
    name
    for group in _FAMILIES.split("|")
    for name in ([group] if group.lower().startswith(("van", "von", "de la")) else group.split(" "))
    if name != "de"
)
ZH_NAMES = (
    "张三",
    "李四",
    "王小明",
    "刘芳",
    "陈建国",
    "杨丽",
    "赵敏",
    "黄志强",
    "周杰",
    "吴秀英",
    "徐静",
    "孙立军",
    "马超",
    "欧阳修文",
    "林海",
    "郭亮",
    "何平",
    "高峰",
    "罗敏",
    "郑爽",
)
SUBJECTS = (
    "Bone loss",
    "Vitamin D",
    "Fracture risk",
    "RANKL signalling",
    "Sclerostin",
    "Obesity",
    "Hepatic osteodystrophy",
)
MATTERS = (
    "older women",
    "chronic liver disease",
    "mice fed a high-fat diet",
    "type 2 diabetes",
    "men with cirrhosis",
    "postmenopausal osteoporosis: a cohort study",
    "the 2010 guidelines",
)
JOURNALS = (
    "Osteoporosis International",
    "Bone",
    "The Lancet",
    "Journal of Bone and Mineral Research",
    "Nature Medicine",
)
ZH_SUBJECTS = ("肥胖", "维生素D缺乏", "肝硬化", "破骨细胞分化", "骨密度", "糖尿病", "瘦素")
ZH_MATTERS = (
    "与骨质疏松的相关性研究",
    "对绝经后女性骨代谢的影响",
    "的研究进展",
    "与骨折风险:一项队列研究",
    "患者骨转换标志物的变化",
)
ZH_JOURNALS = ("中国骨质疏松杂志", "中华医学杂志", "营养学报", "实用肝脏病杂志")
NUMBERS = ("[{}] ", "{}. ", "［{}］", "{}、", "({}) ", "[{}]", "（{}）")

DISTRACTORS = {
    "en": (
        "BMI fell to 23.1 kg/m² in 2019.",
        "Each well held 10⁵ cells and 3 cm² of bone.",
        "The odds ratio was 1.4 (95% CI 1.1-1.9).",
        "The ratio lay within [0.5-1.2] throughout.",
        "The hazard ratio was 2.1, 95% CI [2, 4].",
        "Patients were [18-65] years old.",
        "¹⁸F-FDG and Ca²⁺ were measured (January 2019).",
        "R² was high, as equation (3) says.",
    ),
    "zh": (
        "体重指数为23.1 kg/m²。",
        "每孔接种10⁵个细胞,面积3 cm²。",
        "比值比为1.4(95% CI 1.1-1.9)。",
        "比值始终处于[0.5-1.2]之间。",
        "风险比为2.1,95% CI [2, 4]。",
        "受试者年龄为[18-65]岁。",
        "随访始于2019年(2019-2021年)。",
        "由式(3)可知¹⁸F与Ca²⁺无关。",
    ),
}


@dataclass(frozen=True)
class Work:
    """One work as it is known to be; authors are `(family, initials)`, or `(name, "")` in Chinese."""

    authors: tuple[tuple[str, str], ...]
    title: str
    journal: str
    year: int
    volume: int
    issue: int
    pages: tuple[int, int]
    doi: str | None
    suffix: str = ""

    @property
    def is_chinese(self) -> bool:
        return not self.authors[0][1]


@dataclass(frozen=True)
class Sentence:
    """A sentence of the made prose, `[start, end)` of the raw text, and the works it cites.

    A work is an index into the bibliography; None is cited but not listed.
    """

    start: int
    end: int
    cites: tuple[int | None, ...]


@dataclass
class Made:
    """A review, the entries of its bibliography as written, and what each sentence cites."""

    raw: str
    language: str
    style: str
    works: list[Work]
    entries: list[str]
    sentences: list[Sentence]
    numbers: list[int] = field(default_factory=list)
    superscripts: list[tuple[int, int]] = field(default_factory=list)

    def read(self) -> Review:
        review = read_bytes(self.raw.encode(), Path("made.txt"))
        return replace(review, superscripts=tuple(self.superscripts))


def make(seed: int, language: str, style: str) -> Made:
    """Make one review; the same seed gives the same review."""
    chance = random.Random(f"{seed} {language} {style}")
    works = _works(chance, language, chance.randint(8, 40))
    if style in BY_NAMES:
        works = _told_apart(works)
        works.sort(key=lambda work: (work.is_chinese, work.authors[0][0].casefold(), work.year))
    entries = [entry(work, style) for work in works]
    if style.startswith("gbt7714") and language == "zh" and chance.random() < 0.3:
        entries = [written.translate(_WIDE) for written in entries]
    made = Made("", language, style, works, entries, [], _numbers(chance, len(works)))
    _write_prose(made, chance)
    _write_list(made, chance)
    return made


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_WIDE = str.maketrans({",": "，", ":": "：", "(": "（", ")": "）"})


def _numbers(chance: random.Random, count: int) -> list[int]:
    """Number the entries from 1, in some lists leaving one or two numbers out."""
    numbers = list(range(1, count + 1))
    if chance.random() < 0.25:
        gap = chance.randrange(1, count)
        step = chance.choice((1, 2))
        numbers[gap:] = [number + step for number in numbers[gap:]]
    return numbers


def _works(chance: random.Random, language: str, count: int) -> list[Work]:
    works = []
    for number in range(count):
        chinese = language == "zh" and chance.random() < 0.6
        size = chance.choice((1, 2, 3, 4, 12))
        year = chance.randint(1995, 2023)
        first = chance.randint(1, 2000)
        if chinese:
            authors = tuple((name, "") for name in chance.sample(ZH_NAMES, min(size, 6)))
            title = chance.choice(ZH_SUBJECTS) + chance.choice(ZH_MATTERS) + str(number)
            journal = chance.choice(ZH_JOURNALS)
        else:
            authors = tuple(
                (name, chance.choice(("J", "KA", "M", "PJT", "A")))
                for name in chance.sample(FAMILIES, size)
            )
            title = f"{chance.choice(SUBJECTS)} in {chance.choice(MATTERS)} {number}"
            journal = chance.choice(JOURNALS)
        doi = (
            f"10.{chance.randint(1000, 9999)}/j.{number}({year}){first}"
            if chance.random() < 0.5
            else None
        )
        pages = (first, first + chance.randint(1, 30))
        works.append(
            Work(
                authors,
                title,
                journal,
                year,
                chance.randint(1, 120),
                chance.randint(1, 12),
                pages,
                doi,
            )
        )
    return works


def _told_apart(works: Sequence[Work]) -> list[Work]:
    """Give works of one first author and year the letters that tell them apart."""
    named: dict[tuple[str, int], list[int]] = {}
    for at, work in enumerate(works):
        named.setdefault((work.authors[0][0], work.year), []).append(at)
    lettered = list(works)
    for same in named.values():
        if len(same) > 1:
            for letter, at in zip("abcdefgh", same, strict=False):
                lettered[at] = replace(works[at], suffix=letter)
    return lettered


def entry(work: Work, style: str) -> str:
    """Write a work as a style has it."""
    numbers = f"{work.volume}({work.issue})"
    pages = f"{work.pages[0]}-{work.pages[1]}"
    doi = f" doi:{work.doi}" if work.doi else ""
    year = f"{work.year}{work.suffix}"
    dotted = [(family, ". ".join(given) + ".") for family, given in work.authors if given]
    if style.startswith("gbt7714"):
        names = [
            f"{family.upper()} {' '.join(given)}" if given else family
            for family, given in work.authors
        ]
        if len(names) > 3:
            names = [*names[:3], "等" if work.is_chinese else "et al"]
        who = ", ".join(names)
        if style == "gbt7714":
            return f"{who}. {work.title}[J]. {work.journal}, {work.year}, {numbers}: {pages}.{doi}"
        return f"{who}, {year}. {work.title}[J]. {work.journal}, {numbers}: {pages}.{doi}"
    if style == "vancouver":
        names = [f"{family} {given}" for family, given in work.authors]
        who = ", ".join(names[:6]) + (", et al" if len(names) > 6 else "")
        return f"{who}. {work.title}. {work.journal}. {work.year};{numbers}:{pages}.{doi}"
    if style == "apa":
        names = [f"{family}, {given}" for family, given in dotted]
        who = ", ".join(names[:-1]) + ", & " + names[-1] if len(names) > 1 else names[0]
        link = f" https://doi.org/{work.doi}" if work.doi else ""
        return f"{who} ({year}). {work.title}. {work.journal}, {numbers}, {pages}.{link}"
    if style == "springer":
        who = ", ".join(f"{family} {given}" for family, given in work.authors)
        return f"{who} ({year}) {work.title}. {work.journal} {work.volume}:{pages}.{doi}"
    if style == "elsevier":
        who = ", ".join(f"{given.replace(' ', '')} {family}" for family, given in dotted)
        return f"{who}, {work.title}, {work.journal} {work.volume} ({work.year}) {pages}.{doi}"
    names = [f"{family}, {given}" for family, given in dotted]
    who = ", ".join(names[:-1]) + " & " + names[-1] if len(names) > 1 else names[0]
    return f"{who} {work.title}. {work.journal} {work.volume}, {pages} ({work.year}).{doi}"


def truth(work: Work, style: str) -> dict[str, Any]:
    """Return the fields that an entry of a style tells."""
    told: dict[str, Any] = {
        "title": work.title,
        "container-title": work.journal,
        "issued": {"date-parts": [[work.year]]},
        "volume": str(work.volume),
        "page": f"{work.pages[0]}-{work.pages[1]}",
        "DOI": work.doi,
    }
    if style not in ("springer", "elsevier", "nature"):
        told["issue"] = str(work.issue)
    return {key: value for key, value in told.items() if value}


def _write_prose(made: Made, chance: random.Random) -> None:
    chinese = made.language == "zh"
    made.raw = (
        "肥胖与骨质疏松综述\n\n1 引言\n\n" if chinese else "A review of bone\n\n1 Introduction\n\n"
    )
    way = chance.choice(("brackets", "brackets", "raised", "set raised"))
    for number in range(chance.randint(20, 40)):
        if number % 7 == 6:
            made.raw += "\n\n"
        start = len(made.raw)
        if chance.random() < 0.25:
            made.raw += chance.choice(DISTRACTORS[made.language])
            cites: tuple[int | None, ...] = ()
        elif made.style in BY_NAMES:
            cites = _cite_by_name(made, chance, chinese)
        else:
            cites = _cite_by_number(made, chance, chinese, way)
        made.sentences.append(Sentence(start, len(made.raw), cites))
        made.raw += "" if chinese else " "
    made.raw += "\n\n"


def _cite_by_number(
    made: Made, chance: random.Random, chinese: bool, way: str
) -> tuple[int | None, ...]:
    entries = {number: at for at, number in enumerate(made.numbers)}
    last = made.numbers[-1]
    first = chance.randint(1, last)
    trial = len(made.sentences)
    made.raw += (
        f"骨量随年龄第{trial}次下降" if chinese else f"Bone mass fell in trial {trial}, as shown"
    )
    shape = chance.choice(("one", "list", "range", "both", "missing"))
    if shape == "missing" and way == "brackets":
        numbers, shown = [last + 3], str(last + 3)
    elif shape == "list":
        second = chance.randint(1, last)
        numbers, shown = [first, second], f"{first},{chance.choice(('', ' '))}{second}"
    elif shape == "range" and first + 2 <= last:
        numbers, shown = [first, first + 1, first + 2], f"{first}{chance.choice('-–')}{first + 2}"
    elif shape == "both" and first + 3 <= last:
        numbers, shown = [first, first + 1, first + 3], f"{first}-{first + 1},{first + 3}"
    else:
        numbers, shown = [first], str(first)
    if way == "brackets":
        made.raw += chance.choice(("[{}]", "［{}］", "[{}]" if chinese else " [{}]")).format(shown)
    elif way == "raised":
        made.raw += shown.replace(" ", "").replace("–", "-").translate(_RAISED)
    else:
        shown = shown.replace(" ", "")
        made.superscripts.append((len(made.raw), len(made.raw) + len(shown)))
        made.raw += shown
    made.raw += "。" if chinese else "."
    return tuple(entries.get(number) for number in dict.fromkeys(numbers))


def _cite_by_name(made: Made, chance: random.Random, chinese: bool) -> tuple[int | None, ...]:
    at = chance.randrange(len(made.works))
    work = made.works[at]
    other = chance.randrange(len(made.works))
    shape = chance.choice(("aside", "spoken", "two", "missing"))
    if shape == "missing":
        missing = ("赵不在", "") if chinese else ("Nowhere", "N")
        work, at_or_none = replace(work, authors=(missing, missing, missing), suffix=""), None
    else:
        at_or_none = at
    if shape == "spoken":
        opener = chance.choice(
            ("", "However, ", "As ") if not chinese else ("", "研究表明", "此外,")
        )
        joined = "和" if chinese else " and "
        made.raw += (
            opener
            + _called(work, joined, chinese)
            + ("（{}）认为骨量下降。" if chinese else " ({}) found bone loss.").format(
                f"{work.year}{work.suffix}"
            )
        )
        return (at_or_none,)
    pieces = [work] if shape != "two" or other == at else [work, made.works[other]]
    cites = [at_or_none] if len(pieces) == 1 else [at, other]
    joined, comma, between = (
        ("和", "，", "；") if chinese else (chance.choice((" & ", " and ")), ", ", "; ")
    )
    inside = between.join(
        f"{_called(each, joined, chinese)}{comma}{each.year}{each.suffix}" for each in pieces
    )
    made.raw += (
        f"骨量随之下降（{inside}）。"
        if chinese
        else f"Bone mass fell thereafter ({chance.choice(('', 'see ', 'e.g., '))}{inside})."
    )
    return tuple(cites)


def _called(work: Work, joined: str, chinese: bool) -> str:
    names = [family for family, _ in work.authors]
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return f"{names[0]}{joined}{names[1]}"
    return f"{names[0]}等" if chinese else f"{names[0]} et al."


def _write_list(made: Made, chance: random.Random) -> None:
    headings = (
        ("参考文献\n\n", "【参考文献】\n", "参 考 文 献\n\n")
        if made.language == "zh"
        else ("References\n\n", "REFERENCES\n", "7 References\n")
    )
    made.raw += chance.choice(headings)
    form = chance.choice(NUMBERS) if made.style not in BY_NAMES else ""
    width = chance.choice((None, None, 44, 60, 88))
    between = chance.choice(("\n", "\n", "\n\n"))
    within = "\n\n" if width and form and between == "\n\n" else "\n"
    if not form and width and chance.random() < 0.5:
        within += "    "
    page = chance.randint(5, 900) if chance.random() < 0.3 else None
    for number, written in zip(made.numbers, made.entries, strict=True):
        lines = _wrapped(form.format(number) + written, width)
        if page and chance.random() < 0.1 and len(lines) > 1:
            lines.insert(chance.randrange(1, len(lines)), f"\f· {page} ·")
            page += 1
        made.raw += within.join(lines) + between


def _wrapped(text: str, width: int | None) -> list[str]:
    """Break a text into lines: after a space, or between two Chinese characters."""
    if not width:
        return [text]
    lines, line = [], ""
    for char in text:
        breakable = line.endswith(" ") or (
            line[-1:] >= "\u4e00" and char >= "\u4e00" and char not in "，。："
        )
        if len(line) + sum(each >= "\u4e00" for each in line) >= width and breakable:
            lines.append(line.rstrip())
            line = ""
        line += char
    return [*lines, line]
