"""What is read off single entries: every field true to the entry, or not there."""

from __future__ import annotations

from typing import Any

import pytest

from sources.fields import read_fields
from sources.names import as_name

EL = {"et-al": True}


def people(*names: str) -> list[dict[str, str]]:
    """Write `Family|Given|Suffix` or a literal as CSL-JSON names."""
    keys = ("family", "given", "suffix")
    return [
        dict(zip(keys, name.split("|"), strict=False)) if "|" in name else {"literal": name}
        for name in names
    ]


def year(*parts: int) -> dict[str, Any]:
    return {"date-parts": [list(parts)]}


GOLDEN: dict[str, tuple[str, dict[str, Any]]] = {
    "Vancouver, month, PMID, DOI with brackets": (
        "Compston JE, McClung MR, Leslie WD. Osteoporosis. Lancet. 2019 Jan 26;393(10169):364-376. "
        "doi: 10.1016/S0140-6736(18)32112-3. PMID: 30696576.",
        {
            "type": "article-journal",
            "author": people("Compston|JE", "McClung|MR", "Leslie|WD"),
            "title": "Osteoporosis",
            "container-title": "Lancet",
            "issued": year(2019),
            "volume": "393",
            "issue": "10169",
            "page": "364-376",
            "DOI": "10.1016/S0140-6736(18)32112-3",
        },
    ),
    "et al., de, apostrophe, en dash": (
        "Cosman F, de Beur SJ, O'Neill P, et al. Clinician's guide to prevention. Osteoporos Int. 2014;25(10):2359–2381.",
        {
            "type": "article-journal",
            "author": people("Cosman|F", "de Beur|SJ", "O'Neill|P"),
            "title": "Clinician's guide to prevention",
            "container-title": "Osteoporos Int",
            "issued": year(2014),
            "volume": "25",
            "issue": "10",
            "page": "2359–2381",
            "custom": EL,
        },
    ),
    "a full stop within the title": (
        "García-Márquez J, Müller Ü. Vitamin D. A short review. Lancet. 2010;3:1-5.",
        {
            "type": "article-journal",
            "author": people("García-Márquez|J", "Müller|Ü"),
            "title": "Vitamin D. A short review",
            "container-title": "Lancet",
            "issued": year(2010),
            "volume": "3",
            "page": "1-5",
        },
    ),
    "group as last author": (
        "Kanis JA, Cooper C; Scientific Advisory Board of the European Society for Bones. European guidance. "
        "Osteoporos Int. 2019;30(1):3-44.",
        {
            "type": "article-journal",
            "author": people(
                "Kanis|JA",
                "Cooper|C",
                "Scientific Advisory Board of the European Society for Bones",
            ),
            "title": "European guidance",
            "container-title": "Osteoporos Int",
            "issued": year(2019),
            "volume": "30",
            "issue": "1",
            "page": "3-44",
        },
    ),
    "APA, van der, letter after the year": (
        "Smith, J. A., Jones, K., & van der Berg, P. (2019a). Bone and fat: A review. Journal of Bone and Mineral "
        "Research, 34(2), 123–130. https://doi.org/10.1000/xyz",
        {
            "type": "article-journal",
            "author": people("Smith|J. A.", "Jones|K.", "van der Berg|P."),
            "title": "Bone and fat: A review",
            "container-title": "Journal of Bone and Mineral Research",
            "issued": year(2019),
            "year-suffix": "a",
            "DOI": "10.1000/xyz",
            "volume": "34",
            "issue": "2",
            "page": "123–130",
        },
    ),
    "APA, twelve authors, Jr.": (
        "Ahmed, A., Brown, B., Clark, C., Davis, D., Evans, E., Fox, F., Green, G., Hall, H., Irwin, I., Jones, J., "
        "King, K., & Lee, L., Jr. (2020). Twelve authors. Bone Reports, 12, 100–110.",
        {
            "type": "article-journal",
            "author": people(
                *("Ahmed|A.", "Brown|B.", "Clark|C.", "Davis|D.", "Evans|E.", "Fox|F.", "Green|G."),
                *("Hall|H.", "Irwin|I.", "Jones|J.", "King|K.", "Lee|L.|Jr."),
            ),
            "title": "Twelve authors",
            "container-title": "Bone Reports",
            "issued": year(2020),
            "volume": "12",
            "page": "100–110",
        },
    ),
    "APA, no date": (
        "Smith, J., & Jones, K. (n.d.). Untitled manuscript.",
        {"author": people("Smith|J.", "Jones|K.")},
    ),
    "Elsevier": (
        "J.A. Smith, K. Jones, Bone and fat, a review, J. Bone Miner. Res. 34 (2019) 123–130.",
        {
            "type": "article-journal",
            "author": [
                {"given": "J.A.", "family": "Smith"},
                {"given": "K.", "family": "Jones"},
            ],
            "title": "Bone and fat, a review",
            "container-title": "J. Bone Miner. Res.",
            "issued": year(2019),
            "volume": "34",
            "page": "123–130",
        },
    ),
    "Nature": (
        "Smith, J. & Jones, K. Bone and fat. J. Bone Miner. Res. 34, 123–130 (2019).",
        {
            "type": "article-journal",
            "author": people("Smith|J.", "Jones|K."),
            "title": "Bone and fat",
            "container-title": "J. Bone Miner. Res.",
            "issued": year(2019),
            "volume": "34",
            "page": "123–130",
        },
    ),
    "IEEE": (
        'J. Smith and K. Jones, "Bone and fat," J. Bone, vol. 34, no. 2, pp. 123-130, 2019.',
        {
            "type": "article-journal",
            "author": [{"given": "J.", "family": "Smith"}, {"given": "K.", "family": "Jones"}],
            "title": "Bone and fat",
            "container-title": "J. Bone",
            "issued": year(2019),
            "volume": "34",
            "issue": "2",
            "page": "123-130",
        },
    ),
    "book, editor, edition": (
        "Smith JA, editor. The bone book. 3rd ed. Philadelphia: Saunders; 2015.",
        {
            "type": "book",
            "author": people("Smith|JA"),
            "title": "The bone book",
            "issued": year(2015),
            "publisher": "Saunders",
            "edition": "3rd ed",
            "publisher-place": "Philadelphia",
        },
    ),
    "chapter": (
        "Smith J. Bone and fat. In: Jones K, ed. Bones. New York: Springer; 2012. p. 1-10.",
        {
            "type": "chapter",
            "author": people("Smith|J"),
            "title": "Bone and fat",
            "issued": year(2012),
        },
    ),
    "no author: a title, or a name? left open": (
        "Guidelines for bone health. Lancet. 2019;393(10169):364-376.",
        {
            "type": "article-journal",
            "container-title": "Lancet",
            "issued": year(2019),
            "volume": "393",
            "issue": "10169",
            "page": "364-376",
        },
    ),
    "corporate author of a book": (
        "World Health Organization. Guidelines on bone. Geneva: WHO Press; 2015.",
        {
            "type": "book",
            "author": people("World Health Organization"),
            "title": "Guidelines on bone",
            "issued": year(2015),
            "publisher": "WHO Press",
            "publisher-place": "Geneva",
        },
    ),
    "[J], 等, no spaces": (
        "张三,李四,王五,等.肝脏疾病与骨质疏松[J].中国骨质疏松杂志, 2016, 22(9):1077-1082.",
        {
            "type": "article-journal",
            "author": people("张三", "李四", "王五"),
            "title": "肝脏疾病与骨质疏松",
            "container-title": "中国骨质疏松杂志",
            "issued": year(2016),
            "custom": EL,
            "volume": "22",
            "issue": "9",
            "page": "1077-1082",
        },
    ),
    "［Ｊ］ in full-width forms": (
        "张三，李四．骨质疏松与肥胖［Ｊ］．中国骨质疏松杂志，2016，22（9）：1077－1082．",
        {
            "type": "article-journal",
            "author": people("张三", "李四"),
            "title": "骨质疏松与肥胖",
            "container-title": "中国骨质疏松杂志",
            "issued": year(2016),
            "volume": "22",
            "issue": "9",
            "page": "1077-1082",
        },
    ),
    "[J] in English": (
        "ZHAO L J, LIU Y J, et al. Relationship of obesity with osteoporosis[J]. J Clin Endocrinol Metab, 2007, 92(5): 1640-1646",
        {
            "type": "article-journal",
            "author": people("ZHAO|L J", "LIU|Y J"),
            "title": "Relationship of obesity with osteoporosis",
            "container-title": "J Clin Endocrinol Metab",
            "issued": year(2007),
            "custom": EL,
            "volume": "92",
            "issue": "5",
            "page": "1640-1646",
        },
    ),
    "[J] without author": (
        "骨质疏松诊疗指南(2017)[J]. 中华骨质疏松和骨矿盐疾病杂志, 2017, 10(5): 413-443.",
        {
            "type": "article-journal",
            "title": "骨质疏松诊疗指南(2017)",
            "container-title": "中华骨质疏松和骨矿盐疾病杂志",
            "issued": year(2017),
            "volume": "10",
            "issue": "5",
            "page": "413-443",
        },
    ),
    "[J], year after the authors": (
        "王芳, 李娜, 2017. 维生素K与骨[J]. 营养学报, 39(2): 1-5.",
        {
            "type": "article-journal",
            "author": people("王芳", "李娜"),
            "title": "维生素K与骨",
            "container-title": "营养学报",
            "issued": year(2017),
            "volume": "39",
            "issue": "2",
            "page": "1-5",
        },
    ),
    "both languages in one entry": (
        "李明, Smith J. 骨质疏松研究进展[J]. 中华医学杂志, 2018, 98(3): 1-5",
        {
            "type": "article-journal",
            "author": people("李明", "Smith|J"),
            "title": "骨质疏松研究进展",
            "container-title": "中华医学杂志",
            "issued": year(2018),
            "volume": "98",
            "issue": "3",
            "page": "1-5",
        },
    ),
    "[M], a translator": (
        "[美] 史密斯. 骨的故事[M]. 李明, 译. 北京: 科学出版社, 2001.",
        {
            "type": "book",
            "author": people("史密斯"),
            "title": "骨的故事",
            "issued": year(2001),
        },
    ),
    "[D]": (
        "王芳. 维生素D与骨[D]. 北京: 北京大学, 2018.",
        {
            "type": "thesis",
            "author": people("王芳"),
            "title": "维生素D与骨",
            "issued": year(2018),
            "publisher": "北京大学",
            "publisher-place": "北京",
        },
    ),
    "[C]": (
        "张三. 肥胖与骨[C]//全国骨质疏松会议论文集. 北京: 科学出版社, 2010: 1-5.",
        {
            "type": "paper-conference",
            "author": people("张三"),
            "title": "肥胖与骨",
            "container-title": "全国骨质疏松会议论文集",
            "issued": year(2010),
            "page": "1-5",
            "publisher": "科学出版社",
            "publisher-place": "北京",
        },
    ),
    "[EB/OL]": (
        "世界卫生组织. 骨折指南[EB/OL]. (2019-03-02)[2020-01-05]. https://www.who.int/x.",
        {
            "type": "webpage",
            "author": people("世界卫生组织"),
            "title": "骨折指南",
            "issued": year(2019, 3, 2),
            "URL": "https://www.who.int/x",
            "accessed": year(2020, 1, 5),
        },
    ),
    "nothing is certain": ("10 ways to better bone, mostly.", {}),
    "empty": ("", {}),
}


@pytest.mark.parametrize(("entry", "fields"), GOLDEN.values(), ids=GOLDEN.keys())
def test_fields(entry: str, fields: dict[str, Any]) -> None:
    assert read_fields(entry) == fields


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Smith, John A.", {"family": "Smith", "given": "John A."}),
        ("John A. Smith", {"family": "Smith", "given": "John A."}),
        ("Piet van der Berg", {"family": "van der Berg", "given": "Piet"}),
        ("Smith JA", {"family": "Smith", "given": "JA"}),
        ("张三", {"literal": "张三"}),
        ("World Health Organization", {"literal": "World Health Organization"}),
    ],
)
def test_an_author_of_a_file(author: str, name: dict[str, str]) -> None:
    assert as_name(author) == name
