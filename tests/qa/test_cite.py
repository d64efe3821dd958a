"""Citations that others' programs read back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Library, default_encoder
from qa import Assistant, Quote
from qa.cite import STYLES, export
from qa.csl import apa, vancouver
from qa.gbt7714 import gbt7714
from qa.managers import bibtex, csl_json, ris
from qa.works import Item
from sources.fields import read_fields


@pytest.fixture(scope="module")
def quote(assistant: Assistant) -> Quote:
    """The sentence of section 2.5 that closes with marker 13."""
    hits = assistant.search("通过这种方式，维生素K缺乏会导致骨丢失而发生骨质疏松", 5)
    (hit,) = [hit for hit in hits if hit.span.text.endswith("[13]。")]
    return Quote(hit.passage, (hit.span,), hit.section, hit.score)


def test_plain_says_where(quote: Quote) -> None:
    assert quote.citation() == (
        "《肝脏疾病与骨质疏松的相关性研究》 › 2 肝性骨病致病因素及机制 › 2.5 其他因素影响，"
        "中国骨质疏松杂志, 2016, 22(9)，第181—185行 [13]"
    )


def test_gbt7714(quote: Quote) -> None:
    expected = "[1] 肝脏疾病与骨质疏松的相关性研究[J]. 中国骨质疏松杂志, 2016, 22(9)."
    assert quote.citation("gbt7714") == expected


def test_bibtex_is_read_back(quote: Quote) -> None:
    entries = bibtexparser.parse_string(export([quote, quote], "bibtex")).entries
    assert [entry.key for entry in entries] == ["liver-osteoporosis-1", "liver-osteoporosis-2"]
    fields = {field.key: field.value for field in entries[0].fields}
    assert fields["journal"] == "中国骨质疏松杂志"
    assert quote.highlight in fields["note"]


def test_ris_is_read_back(quote: Quote) -> None:
    (entry,) = rispy.loads(export([quote], "ris"))
    assert entry["type_of_reference"] == "JOUR"
    assert entry["year"] == "2016"
    assert quote.highlight in entry["notes"][0]


def test_csl_json_is_read_back(quote: Quote) -> None:
    (item,) = json.loads(export([quote], "csl-json"))
    assert item["issued"] == {"date-parts": [[2016]]}
    assert quote.highlight in item["note"]


def item(entry: str, **more: Any) -> Item:
    return {"id": "a-1", "note": "n", **read_fields(entry), **more}


STANDARD = (Path(__file__).parents[1] / "data" / "gbt7714.txt").read_text("utf-8").splitlines()
"""Examples of GB/T 7714—2015, sections 4 to 8 and annex A, with a space after each mark."""


def test_there_are_examples_of_the_standard() -> None:
    assert len(STANDARD) >= 18


@pytest.mark.parametrize("entry", STANDARD)
def test_the_standards_own_examples_are_read_and_written_again(entry: str) -> None:
    assert gbt7714(
        [item(entry, custom={**read_fields(entry).get("custom", {}), "entry": "—"})]
    ) == (f"[1] {entry}")


VANCOUVER = "Smith JA Jr, van der Berg P. Bone and fat. J Bone. 2019;34(2):123-30. doi:10.1000/x"


def test_gbt7714_in_its_own_hand() -> None:
    """Authors after the third are `et al` or 等, family names in capitals, pages with a hyphen."""
    assert gbt7714([item(VANCOUVER)]) == (
        "[1] SMITH J A Jr, VAN DER BERG P. Bone and fat[J]. J Bone, 2019, 34(2): 123-30. DOI:10.1000/x."
    )
    four = item("Smith J, Lee A, Kim B, Wu C. One. J Bone. 2019;34(2):123–30.")
    assert (
        gbt7714([four]) == "[1] SMITH J, LEE A, KIM B, et al. One[J]. J Bone, 2019, 34(2): 123-30."
    )
    many = item("张三, 李四, 王五, 赵六. 骨[J]. 骨杂志, 2016, 22(9): 1-5.")
    assert gbt7714([many]) == "[1] 张三, 李四, 王五, 等. 骨[J]. 骨杂志, 2016, 22(9): 1-5."
    paged = {"id": "a", "type": "article-journal", "title": "骨", "container-title": "骨杂志"}
    paged |= {"issued": {"date-parts": [[2016]]}, "volume": "22", "custom": {"quoted-page": "7"}}
    assert gbt7714([paged]) == "[1] 骨[J]. 骨杂志, 2016, 22: 7."
    full = {**four, "author": [{"family": "Smith", "given": "Jean-Paul"}]}
    assert gbt7714([full]).startswith("[1] SMITH J P. ")


def test_apa_and_vancouver() -> None:
    assert apa([item(VANCOUVER)]) == (
        "Smith, J. A., Jr, & van der Berg, P. (2019). Bone and fat. J Bone, 34(2), 123–30. https://doi.org/10.1000/x"
    )
    assert vancouver([item(VANCOUVER)]) == (
        "1. Smith JA Jr, van der Berg P. Bone and fat. J Bone. 2019;34(2):123–30. doi:10.1000/x"
    )
    zh = item("张三,李四,等.骨<i>质</i>[J].骨杂志, 2016, 22(9):1-5.")
    assert apa([zh]) == "张三, 李四, et al. (2016). 骨<i>质</i>. 骨杂志, 22(9), 1–5."
    assert vancouver([zh]) == "1. 张三, 李四, et al. 骨<i>质</i>. 骨杂志. 2016;22(9):1–5."
    nameless = item("骨(2017)[J]. 骨杂志, 2017, 10(5): 4-9.")
    assert apa([nameless]) == "骨(2017). (2017). 骨杂志, 10(5), 4–9."
    page = item(
        "World Health Organization. Bone[EB/OL]. (2019-03-02)[2020-01-05]. https://who.int/x"
    )
    assert vancouver([page]) == (
        "1. World Health Organization. Bone [Internet]. 2019 [cited 2020 Jan 5]. Available from: https://who.int/x"
    )


def test_a_work_of_which_too_little_is_known_stands_as_printed() -> None:
    entry = "10 ways to better bone, mostly."
    work = item(entry, type="document", custom={"entry": entry})
    assert gbt7714([work]) == f"[1] {entry}"
    assert vancouver([work]) == f"1. {entry}"
    assert apa([work]) == entry


HOSTILE = st.one_of(
    st.text(min_size=1),
    st.sampled_from(
        [
            "a } @article{x, title = {y}",
            "@comment(x) @string{a}",
            '\\ % # _ ^ ~ $ & "q"',
            "x\nTY  - BOOK\nER  - \n",
            "x\r\nER  - \u2028TI  - z\x85AU  - w",
            "{{{",
            "}}}",
            "\\}",
            "\\{",
            "<script>",
            '=,"',
        ]
    ),
).filter(lambda text: bool(text.split()))


@settings(max_examples=200, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_out_of_its_field(title: str, family: str, note: str) -> None:
    first = {
        "id": "a-1", "type": "article-journal", "title": title, "container-title": title,
        "author": [{"family": family, "given": "J"}, {"literal": family}],
        "volume": title, "DOI": title, "URL": title, "note": note,
    }  # fmt: skip
    second = {"id": "a-2", "type": "book", "title": "B", "note": note}
    library = bibtexparser.parse_string(bibtex([first, second]))
    assert not library.failed_blocks
    assert [block.key for block in library.entries] == ["a-1", "a-2"]
    assert len(library.blocks) == 2
    fields = library.entries[0].fields_dict
    assert set(fields) == {"title", "journal", "volume", "note", "doi", "url", "author"}
    assert plain(fields["title"].value) == " ".join(title.split())
    assert plain(fields["note"].value) == " ".join(note.split())
    read = rispy.loads(ris([first, second]))
    assert [entry["type_of_reference"] for entry in read] == ["JOUR", "BOOK"]
    assert set(read[0]) == {
        *(
            "type_of_reference",
            "title",
            "secondary_title",
            "volume",
            "doi",
            "authors",
            "urls",
            "notes",
        )
    }
    assert read[0]["title"] == " ".join(title.split())
    assert json.loads(csl_json([first, second])) == [first, second]


def plain(latex: str) -> str:
    """Undo the escapes, as a reference manager does."""
    named = {
        r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}",
        r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", "{@}": "@",
    }  # fmt: skip
    pattern = "|".join(map(re.escape, named)) + r"|\\([&%$#_])"
    return re.sub(pattern, lambda found: found[1] or named[found[0]], latex)


CITING = (
    "Fat harms bone in older women[1,2]. Men lose less[3].\n\nReferences\n\n"
    "[1] Smith JA, Jones K, et al. Bone {and} fat. J Bone. 2019;34(2):123-130. doi:10.1000/a_b\n"
    "[2] 张三, 李四. 骨质疏松学[M]. 北京: 人民卫生出版社, 2015.\n"
)


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Quote:
    """A quote that cites a paper and a book."""
    folder = tmp_path_factory.mktemp("cited")
    (folder / "fat.txt").write_text(CITING, "utf-8")
    library = Library(folder / "library", default_encoder())
    library.add([folder / "fat.txt"])
    (hit,) = Assistant(library).search("fat harms bone in women", 1)
    return Quote(hit.passage, (hit.span,), hit.section, hit.score)


def test_cited_works_in_every_style(cited: Quote) -> None:
    assert export([cited], "gbt7714", cited_too=True).split("\n") == [
        "[1] fat[Z].",
        "[2] SMITH J A, JONES K, et al. Bone {and} fat[J]. J Bone, 2019, 34(2): 123-130. DOI:10.1000/a_b.",
        "[3] 张三, 李四. 骨质疏松学[M]. 北京: 人民卫生出版社, 2015.",
    ]
    assert "Bone {and} fat. J Bone, 34(2), 123–130." in export([cited], "apa", cited_too=True)
    assert "3. 张三, 李四. 骨质疏松学. 北京: 人民卫生出版社; 2015." in export(
        [cited], "vancouver", cited_too=True
    )
    items = json.loads(export([cited, cited], "csl-json", cited_too=True))
    assert [work["id"] for work in items] == ["fat-1", "fat-2", "fat-ref1", "fat-ref2"]
    entries = bibtexparser.parse_string(export([cited], "bibtex", cited_too=True)).entries
    assert [(entry.entry_type, entry.key) for entry in entries] == [
        ("misc", "fat-1"),
        ("article", "fat-ref1"),
        ("book", "fat-ref2"),
    ]
    assert entries[1].fields_dict["author"].value == "Smith, JA and Jones, K and others"
    assert entries[1].fields_dict["doi"].value == "10.1000/a_b"
    assert cited.highlight in plain(entries[1].fields_dict["note"].value)
    paper = rispy.loads(export([cited], "ris", cited_too=True))[1]
    assert (paper["start_page"], paper["end_page"]) == ("123", "130")
    assert cited.highlight in paper["notes"][0]
    assert "line 1" in paper["notes"][0]


def test_without_asking_the_cited_are_left_out(cited: Quote) -> None:
    assert len(json.loads(export([cited], "csl-json"))) == 1


def test_an_unknown_style_is_said() -> None:
    with pytest.raises(ValueError, match=", ".join(STYLES)):
        export([], "mla")
