"""The names that open an entry of a bibliography, read only as far as they are certain."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

Name = dict[str, str]
"""A CSL-JSON name: `family` and `given` (and `suffix`), or `literal`."""

_LATIN = [chr(code) for code in (*range(0x41, 0x5B), *range(0xC0, 0x250))]
UPPER: Final = "".join(char for char in _LATIN if char.isupper())
HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"

# The 200 most usual family names, and those of two characters: what tells 张三 from 骨质疏松.
SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜"
    "戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪"
    "翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项"
    "曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边吉冀肖闫付代仇邬臧井娄虎敬"
)
COMPOUND_SURNAMES: Final = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "端木",
        "司徒",
        "东方",
    )
)

_PARTICLES = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]er|[Dd]en|[Dd]e|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Dd]u|[Ll]a|[Ll]e|[Tt]en"
    r"|[Tt]er|[Tt]e|[Ee]l|[Aa]l|[Bb]in|[Ii]bn|[Ss]an|[Ss]t\.|zu|zur|af|’t|VAN|VON|DER|DEN|DE|DEL|DA|DI|LA|LE)[ \-])*"
)
_WORD = rf"(?:[dDOlL]['’])?[{UPPER}][^\W\d_]*(?:['’][^\W\d_]+)?"
FAMILY: Final = rf"{_PARTICLES}{_WORD}(?:[\-‐–]{_WORD})*"
_DOUBLE = rf"{FAMILY}(?: [{UPPER}][^\W\d_]{{2,}}(?:[\-‐–]{_WORD})*){{0,2}}"
_LETTERS = rf"[{UPPER}]{{1,3}}(?!\w)\.?"
_INITIALS = rf"{_LETTERS}(?:[ \-‐]?[\-‐]?{_LETTERS}){{0,3}}"
_SUFFIX = r"(?:Jr|Sr|II|III|IV|2nd|3rd)\b\.?"
_ENDS = r"(?:(?<=\.)|(?=\s*(?:[.,;:，；、。：(（&]|$|et\b|and\b|等|with\b|(?:19|20)\d\d)))"

_FIRST: Final = {
    "inverted": rf"(?P<family>{_DOUBLE}) (?P<given>{_INITIALS})(?:,? (?P<suffix>{_SUFFIX}))?{_ENDS}",
    "comma": rf"(?P<family>{_DOUBLE}), ?(?P<given>{_INITIALS})(?:,? (?P<suffix>{_SUFFIX}))?{_ENDS}",
    "direct": rf"(?P<given>{_INITIALS}) ?(?P<family>{_DOUBLE})(?:,? (?P<suffix>{_SUFFIX}))?(?=\s*(?:[.,;:(&]|and\b|et\b|$))",
    "chinese": rf"(?P<literal>[{HAN}]{{2,4}}(?:·[{HAN}]{{1,8}})*)(?=\s*(?:[.,;:，；、。：．(（&]|$|等|和|与|(?:19|20)\d\d))",
}
_NAMES = {form: re.compile(pattern) for form, pattern in _FIRST.items()}
# A Chinese list cites English works and the other way round, but a single entry hardly mixes forms.
_MIXED = {"chinese": ("chinese", "inverted"), "inverted": ("inverted", "chinese")}
_BETWEEN = re.compile(r"\s*(?:[,，、;；]\s*(?:and\b|&|和|与)?|&|and\b|和|与)\s*")
_OTHERS = re.compile(
    r"\s*[,，、;；]?\s*(?:et\.? al\b\.?|and others\b|等(?:人)?(?![\u4e00-\u9fff]))", re.I
)
_ROLE = re.compile(
    r"\s*[,，]?\s*(?:\((?:eds?|editors?|trans)\.?\)|(?:eds?|editors?)\b\.?|主编|编著|编)", re.I
)
_CLOSES = re.compile(r"\s*(?:[.．。:：]|[,，]?\s*[(（]?\s*(?:19|20)\d\d|[,，]\s*[“\"])|(?<=\.)\s")
_BROKEN_OFF = re.compile(rf"(?:et|{_PARTICLES}(?:{_WORD}(?:[\-‐–](?:{_WORD})?)*,? ?){{0,3}})\s*")
_NATION = re.compile(rf"[\[〔(（][{HAN}]{{1,3}}[\])〕）]\s*(?=[{HAN}])")
_GROUP = re.compile(
    r"\s*[;,；]\s*(?:(?:on behalf of|for)(?: the)? )?((?:the )?[A-Z][^.;:]{5,200})(?=\.)"
)
_SMALL_WORDS = frozenset(("of", "for", "and", "the", "on", "in", "to", "de", "la", "et", "s"))
_CORPORATE = re.compile(
    r"\b(?:Organi[sz]ation|Society|Association|Committee|Group|Institutes?|Ministry|Foundation|Departments?|Cent(?:er|re)s?"
    r"|Agency|Council|Federation|University|Collaborat(?:ion|ors)|Consortium|Task Force|Commission|Academy|College|Bureau"
    r"|Investigators|Network|Panel|Administration|Library|WHO|NIH|CDC|FDA)\b"
    r"|(?:学会|协会|委员会|组织|分会|中心|小组|协作组|研究组|专家组|研究院|研究所|医院|大学|学院|出版社|公司|办公室|总局"
    r"|[部局厅司署室处]|联盟|基金会)$"
)


@dataclass(frozen=True, slots=True)
class Names:
    """Names read off the start of a text: they end at `end`; `others` where `et al.` follows."""

    names: tuple[Name, ...]
    end: int
    others: bool


def read_names(text: str) -> Names | None:
    """Read the authors that open an entry; None where it is not certain who they are.

    Reads `Smith JA, Jones K, et al.`, `Smith, J. A., & Jones, K.`, `J.A. Smith, K. Jones,`,
    `张三,李四,等.` and the corporate `World Health Organization.`.
    """
    nation = _NATION.match(text)
    if nation:
        read = read_names(text[nation.end() :])
        return replace(read, end=read.end + nation.end()) if read else None
    found = [names for form in _NAMES if (names := _list(text, form))]
    return max(found, key=lambda names: names.end) if found else _corporate(text)


def opens_with_names(line: str) -> bool:
    """Tell whether a line opens with authors, also where it breaks off among them."""
    if read_names(line):
        return True
    for form in _NAMES:
        names, end, at = _run(line, form)
        if names and at > end and _BROKEN_OFF.fullmatch(f"{line} ", at):
            return True
    return False


def _run(text: str, form: str) -> tuple[list[Name], int, int]:
    """Read names one after another: which, where the last ends, and where another would begin."""
    names: list[Name] = []
    at, end = 0, 0
    while name := _name(text, at, _MIXED.get(form, (form,))):
        names.append(_parts(name))
        end = name.end()
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
        if not between:
            break
    if form == "chinese" and not any(map(_is_chinese_name, names)):
        return [], 0, 0
    return names, end, at


def _list(text: str, form: str) -> Names | None:
    names, end, _ = _run(text, form)
    if not names:
        return None
    group = _GROUP.match(text, end)
    if group and _CORPORATE.search(group[1]):
        return Names((*names, {"literal": group[1]}), group.end(), False)
    others = _OTHERS.match(text, end)
    if others:
        end = others.end()
    role = _ROLE.match(text, end)
    if role:
        end = role.end()
    closed = _CLOSES.match(text, end) or others or text[end - 1] == "."
    if form == "direct":
        closed = closed or text[end : end + 1] == ","
    return Names(tuple(names), end, bool(others)) if closed or end == len(text) else None


def _name(text: str, at: int, forms: tuple[str, ...]) -> re.Match[str] | None:
    return next((found for form in forms if (found := _NAMES[form].match(text, at))), None)


def _parts(name: re.Match[str]) -> Name:
    told = {key: value.strip() for key, value in name.groupdict().items() if value}
    given = told.get("given", "")
    if name.re is _NAMES["inverted"] and given.count(".") == 1:
        told["given"] = given.rstrip(".")  # the full stop of the list, not of the initial
    return told


def _is_chinese_name(name: Name) -> bool:
    literal = name.get("literal", "")
    return literal[:1] in SURNAMES or literal[:2] in COMPOUND_SURNAMES or "·" in literal


def _corporate(text: str) -> Names | None:
    stop = re.search(
        r"\s*(?:[.．。](?!\w)|[.．。](?=[\u4e00-\u9fff])|[,，]?\s*[(（]?(?:19|20)\d\d)", text
    )
    literal = text[: stop.start()] if stop else ""
    cased = literal.title() if literal.isupper() else literal
    if not literal or len(literal) > 120 or not _CORPORATE.search(cased):
        return None
    if any(word.islower() and word not in _SMALL_WORDS for word in re.findall(r"[^\W\d_]+", cased)):
        return None
    if re.search(r"[:：“”\"\[\]?]", literal):
        return None
    return Names(({"literal": literal},), len(literal), False)


def as_name(author: str) -> Name:
    """Read one author as a file's own data writes it: `Smith, John`, `John A. Smith`, `张三`."""
    author = author.strip()
    for form in ("comma", "inverted", "direct"):
        if found := _NAMES[form].fullmatch(author):
            return _parts(found)
    if re.search(rf"[{HAN}]", author) or _CORPORATE.search(author) or " " not in author:
        return {"literal": author}
    if ", " in author:
        family, _, given = author.partition(", ")
        return {"family": family, "given": given}
    found = re.fullmatch(
        rf"(?P<given>.+?) (?P<family>{FAMILY})(?:,? (?P<suffix>{_SUFFIX}))?", author
    )
    return _parts(found) if found else {"literal": author}
