"""Citations that others' programs read back."""

from __future__ import annotations

import json

import bibtexparser
import pytest
import rispy

from qa import Assistant, Quote
from qa.cite import STYLES, export


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


def test_an_unknown_style_is_said() -> None:
    with pytest.raises(ValueError, match=", ".join(STYLES)):
        export([], "mla")
