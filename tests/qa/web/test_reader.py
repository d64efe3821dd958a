"""Windows of a review: what the reader on the page is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa.web import reader
from qa.web.opening import Loader
from qa.web.reader import blocks, cites_within, extracted, read
from sources import read_bytes

LONG = "长文\n\n" + "\n\n".join(
    f"{number} 第{number}节\n\n"
    + "\n\n".join(f"第{number}节第{line}段说的是骨。" for line in range(50))
    for number in range(1, 21)
)


def loaded(loader: Loader, place: dict[str, Any]) -> Any:
    return read(loader, {"review": "liver-osteoporosis", **place})


def test_a_window_shows_what_stands_around_a_place(loader: Loader) -> None:
    review = loader.assistant().library.reviews["liver-osteoporosis"]
    for passage in review.passages:
        window = loaded(loader, {"at": passage.span.start})
        (holding,) = [
            block
            for block in window["blocks"]
            if block["at"] <= passage.span.start < block["at"] + len(block["text"])
        ]
        start = passage.span.start - holding["at"]
        assert holding["text"][start:].startswith(passage.span.text)
        assert holding["lang"] == passage.span.language


def test_windows_join_to_the_whole_review(loader: Loader) -> None:
    review = loader.assistant().library.reviews["liver-osteoporosis"]
    every, found = blocks(review), []
    for first in range(0, len(every), 7):
        found += loaded(loader, {"first": first, "last": min(first + 7, len(every))})["blocks"]
    assert [(block["at"], block["level"]) for block in found] == [
        (block.start, block.level) for block in every
    ]
    assert "".join(block["text"] for block in found) == "".join(
        review.text[block.start : block.end] for block in every
    )
    shown = set().union(*(range(block.start, block.end) for block in every))
    assert all(review.text[at].isspace() for at in set(range(len(review.text))) - shown)


def test_the_outline_holds_every_heading(loader: Loader) -> None:
    review = loader.assistant().library.reviews["liver-osteoporosis"]
    outline = loaded(loader, {"at": 0})["outline"]
    assert [heading["text"] for heading in outline] == [
        review.text[slice(*part.heading)]
        for part in review.sections
        if part.heading[0] < part.heading[1]
    ]
    assert "3.5 肝移植" in [heading["text"] for heading in outline]


def test_a_long_review_is_sent_by_the_window() -> None:
    review = read_bytes(LONG.encode(), Path("long.txt"))
    assert len(blocks(review)) > 1000
    here = reader.block_at(review, review.passages[500].span.start)
    assert blocks(review)[here].start == review.passages[500].span.start


def test_markers_lead_to_the_entries_of_the_review() -> None:
    text = "茶与骨\n\n1 引言\n\n喝茶与骨密度有关[1,2]，也与骨折有关[9]。\n\n参考文献\n\n[1] 张三. 茶. 2020.\n[2] 李四. 骨. 2021.\n"
    review = read_bytes(text.encode(), Path("tea.txt"))
    window = reader.window(review, 0, len(blocks(review)))
    (paragraph,) = [block for block in window["blocks"] if "喝茶" in block["text"]]
    assert [paragraph["text"][start:end] for start, end, *_ in paragraph["cites"]] == [
        "[1,2]",
        "[9]",
    ]
    entries = [entry["text"] for entry in window["references"].values()]
    assert [entry.replace(" ", "") for entry in entries] == ["张三.茶.2020.", "李四.骨.2021."]
    assert [entry["number"] for entry in window["references"].values()] == [1, 2]
    assert [found for _, _, found, _ in paragraph["cites"]] == [
        list(map(int, window["references"])),
        [],
    ]


def test_an_author_and_a_year_lead_to_their_entry() -> None:
    text = (
        "Tea and bone\n\n1 Introduction\n\nTea strengthens bone (Smith & Jones, 2019). Others doubt it (Doe, 1999).\n\n"
        "References\n\nAdams A. Milk. Bone. 2001;3:1-9.\n\nSmith J, Jones K. Tea. Bone. 2019;12:34-40.\n"
    )
    review = read_bytes(text.encode(), Path("tea.txt"))
    passage = review.passages[0].span
    cites = [(passage.text[start:end], entries) for start, end, entries, _ in cites_within(passage)]
    (smith,) = [
        each.start for each in review.references if "Smith" in review.text[each.start : each.end]
    ]
    assert cites == [("Smith & Jones, 2019", [smith]), ("Doe, 1999", [])]
    window = reader.window(review, 0, len(blocks(review)))
    assert window["references"][str(smith)]["number"] is None


def test_the_file_as_extracted_shows_the_same_words(loader: Loader) -> None:
    review = loader.assistant().library.reviews["liver-osteoporosis"]
    for sentence in review.sentences:
        shown = extracted(loader, {"review": review.id, "marks": [[sentence.start, sentence.end]]})
        ((start, end),) = shown["marks"]
        assert shown["raw"][start - shown["start"] : end - shown["start"]] == sentence.raw
        assert shown["line"] == review.line_at(shown["start"])
        assert review.raw[shown["start"] :].startswith(shown["raw"])


def test_a_file_of_one_line_is_not_sent_whole() -> None:
    review = read_bytes(("骨密度降低。" * 9000).encode(), Path("flat.txt"))
    shown = reader.raw_around(review, [review.sentences[900]])
    assert len(shown["raw"]) < 2 * reader.RAW_CHARACTERS + 100


@pytest.mark.parametrize(
    "place",
    [None, [], {}, {"review": "liver-osteoporosis"}, {"review": "liver-osteoporosis", "first": -1, "last": 3},
     {"review": "liver-osteoporosis", "first": 3, "last": 10**9}, {"review": ["x"], "at": 1}, {"review": "gone", "at": 1},
     {"review": "liver-osteoporosis", "at": "1"}],
)  # fmt: skip
def test_a_place_that_is_not_there_is_told(loader: Loader, place: Any) -> None:
    assert read(loader, place) == {"error": {"told": "gone"}}


@pytest.mark.parametrize(
    "marks", [None, [], [[1]], [[5, 5]], [[-1, 4]], [[0, 10**9]], [["0", "1"]], [[0, 1], None]]
)
def test_marks_that_are_not_there_are_told(loader: Loader, marks: Any) -> None:
    place = {"review": "liver-osteoporosis", "marks": marks}
    assert extracted(loader, place) == {"error": {"told": "gone"}}
