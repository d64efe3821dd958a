"""The library page's side of the server: listing, adding, removing."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qa import Assistant
from qa.web.opening import Loader
from qa.web.shelf import Shelf

TEA = "茶与骨密度\n\n1 引言\n\n喝茶与骨密度有关[1]。每天三杯茶的人骨密度较高[2]。\n".encode()


@pytest.fixture
def shelf(own_loader: Loader) -> Shelf:
    return Shelf(own_loader)


def test_the_reviews_are_listed_with_counts_and_dates(loader: Loader) -> None:
    listed = Shelf(loader).listed()
    reviews = loader.assistant().library.reviews
    assert [(each.id, each.passages, each.sentences) for each in listed] == [
        (id, len(review.passages), len(review.sentences)) for id, review in reviews.items()
    ]
    age = datetime.now(UTC) - datetime.fromisoformat(listed[0].added)
    assert timedelta(0) <= age + timedelta(seconds=2) < timedelta(hours=2)


def test_a_file_that_is_added_is_quoted_and_one_removed_is_not(
    shelf: Shelf, own_loader: Loader
) -> None:
    *steps, last = shelf.add("茶与骨.txt", TEA)
    assert steps[-1]["done"] == steps[-1]["total"] == len(TEA)
    assert last == {"taken": [{"added": {"id": "茶与骨", "title": "茶与骨", "lang": "zh"}}]}
    assistant = own_loader.assistant()
    quoted = assistant.ask("喝茶与骨密度有关吗？", sources=["茶与骨"])
    assert "茶" in (quoted.quotes or quoted.nearest)[0].highlight
    assert shelf.remove({"review": "茶与骨"}) == {"removed": "茶与骨"}
    assert "茶与骨" not in assistant.library.reviews
    assert shelf.remove({"review": "茶与骨"}) == {"error": {"told": "gone"}}


def test_a_file_sent_twice_is_one_review(shelf: Shelf, own_loader: Loader) -> None:
    for what, name in (("added", "茶.txt"), ("held", "茶.txt"), ("held", "又一份.txt")):
        *_, last = shelf.add(name, TEA)
        assert last["taken"][0][what]["id"] == "茶"
    *_, other = shelf.add("茶.txt", TEA + "绿茶也是茶。".encode())
    assert other["taken"][0]["added"]["id"] == "茶-2"
    assert len(own_loader.assistant().library.reviews) == 4
    assert not (own_loader.assistant().library.folder / "sent").exists()
    assert own_loader.assistant().library.check() == []


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [("茶.exe", TEA, "茶.exe: 不支持这种文件"), ("茶.txt", b"", "茶.txt: 文件是空的"), ("茶.txt", b"\0\1" * 50, "茶.txt: "),
     ("../../x.txt", b"", "x.txt: 文件是空的"), ("a\0b.txt", b"", "a_b.txt: "), ("..", TEA, "_: 不支持"), ("骨" * 300 + ".txt", b"", "骨骨")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_by_its_name_alone(
    shelf: Shelf, own_loader: Loader, name: str, data: bytes, told: str
) -> None:
    *_, last = shelf.add(name, data)
    (taken,) = last["taken"]
    assert taken["error"]["text"].startswith(told)
    library = own_loader.assistant().library
    assert str(library.folder) not in taken["error"]["text"]
    assert len(library.reviews) == 2
    assert [file.name for file in library.folder.iterdir() if file.is_dir()] in ([], ["derived"])


def test_every_file_of_an_archive_has_its_own_outcome(shelf: Shelf, own_loader: Loader) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("甲/茶.txt", TEA)
        packed.writestr("甲/空.txt", b"")
        packed.writestr("乙.md", "# 酒\n\n饮酒与骨密度降低有关。\n")
    *_, last = shelf.add("都在.zip", archive.getvalue())
    titles = {told["added"]["title"] for told in last["taken"] if "added" in told}
    assert titles == {"茶", "乙"}
    (failed,) = [told["error"]["text"] for told in last["taken"] if "error" in told]
    assert failed.startswith("都在.zip")
    assert "空.txt" in failed
    assert len(own_loader.assistant().library.reviews) == 4


def test_what_was_set_aside_can_be_seen(loader: Loader) -> None:
    shelf = Shelf(loader)
    for review in loader.assistant().library.reviews.values():
        shown = shelf.set_aside({"review": review.id})
        assert shown["count"] == len(review.set_aside) == len(shown["places"])
        for place, aside in zip(shown["places"], review.set_aside, strict=True):
            assert place["text"] == review.raw[aside.raw_start : aside.raw_end]
            assert place["before"] + place["text"] + place["after"] in review.raw


def test_what_is_told_of_a_review_is_kept_until_it_is_taken_back(
    shelf: Shelf, own_loader: Loader
) -> None:
    asked = {"review": "liver-osteoporosis"}
    before = shelf.record(asked)["record"]
    told = {**before, "title": "另一题名", "authors": "李明；王芳"}
    assert shelf.describe({**asked, "told": told}) == {"described": "liver-osteoporosis"}
    assert shelf.record(asked)["record"] == {**told, "authors": "李明; 王芳"}
    quote = own_loader.assistant().ask("维生素K缺乏为什么会导致骨丢失？").quotes[0]
    assert "李明, 王芳. 另一题名[J]" in quote.citation("gbt7714")
    shelf.describe({**asked, "told": {"title": "", "authors": ""}})
    assert shelf.record(asked)["record"] == before
    for wrong in (None, [], {"year": 2016}, {"title": None}):
        assert shelf.describe({**asked, "told": wrong}) == {"error": {"told": "failed"}}


@pytest.mark.parametrize(
    "asked", [None, [], {}, {"review": None}, {"review": ["x"]}, {"review": "gone"}]
)
def test_a_review_that_is_not_there_is_told(loader: Loader, asked: Any) -> None:
    shelf = Shelf(loader)
    for told in (shelf.remove, shelf.set_aside, shelf.record, shelf.describe):
        assert told(asked) == {"error": {"told": "gone"}}


def test_suggestions_follow_the_library(shelf: Shelf, own_loader: Loader) -> None:
    before = {one["review"] for one in shelf.suggest()}
    assert before == {"obesity-osteoporosis", "liver-osteoporosis"}
    shelf.remove({"review": "liver-osteoporosis"})
    assert {one["review"] for one in shelf.suggest()} == {"obesity-osteoporosis"}


def test_an_empty_library_has_nothing_to_suggest(tmp_path: Any) -> None:
    assistant = Assistant.open(tmp_path / "empty")
    shelf = Shelf(Loader(lambda _: assistant))
    assert shelf.show()["reviews"] == shelf.suggest() == []


def test_a_file_whose_sender_has_left_is_not_added(shelf: Shelf, own_loader: Loader) -> None:
    library = own_loader.assistant().library
    long = "".join(
        f"第{n}段\n\n喝茶与骨密度有关，第{n}次这样说。\n\n" for n in range(4000)
    ).encode()
    steps = shelf.add("长.txt", long)
    next(steps)
    began = time.monotonic()
    steps.close()
    assert time.monotonic() - began < 1  # nobody waits for the worker
    until = time.monotonic() + 30
    while (library.folder / "sent").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "长" not in library.reviews
    assert library.check() == []
