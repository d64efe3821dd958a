"""Files in: encodings, kinds of file, and one clear line for what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import SourceError, bundled_reviews, read_file
from sources.reading import identifier

TEXT = (
    "骨质疏松与肥胖\n\n1 引言\n\n肥胖增加骨折风险[1]。骨密度并不能说明全部。\n\n2 结论\n\n两者密切相关。\n\n"
    "参考文献\n\n[1] 张三. 肥胖与骨[J]. 骨杂志, 2019, 3(2): 1-5.\n[2] Smith J. Bone and\n2020 fat. J Bone, 2020.\n"
)
TRADITIONAL = (
    "維生素缺乏會導致骨質疏鬆，這個問題在臺灣很常見。骨折的風險隨著年齡增加而上升，應該注意。\n"
)


def write(folder: Path, data: bytes, name: str = "review.txt") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    review = read_file(write(tmp_path, TEXT.encode(encoding)))
    assert review.raw == TEXT
    assert [passage.span.text for passage in review.passages] == [
        "肥胖增加骨折风险[1]。骨密度并不能说明全部。",
        "两者密切相关。",
    ]


def test_big5(tmp_path: Path) -> None:
    assert read_file(write(tmp_path, TRADITIONAL.encode("big5"))).raw == TRADITIONAL


def test_sections_references_and_lines(tmp_path: Path) -> None:
    review = read_file(write(tmp_path, TEXT.encode()))
    assert [review.section_path(at) for at in range(len(review.sections))] == [
        (),
        ("1 引言",),
        ("2 结论",),
        ("参考文献",),
    ]
    assert [section.role for section in review.sections] == ["front", "body", "body", "references"]
    entries = {each.marker: review.text[each.start : each.end] for each in review.references}
    assert entries[1] == "张三.肥胖与骨[J].骨杂志, 2019, 3(2):1-5."
    assert entries[2].startswith("Smith J.")
    assert review.passages[0].span.line == 5
    assert review.passages[0].span.page is None


def test_markdown_headings(tmp_path: Path) -> None:
    text = "# Bone\n\n## 1 Fat\n\nFat harms bone. It does.\n\n### 1.1 More\n\nMore harm.\n"
    review = read_file(write(tmp_path, text.encode(), "bone.md"))
    assert review.section_path(2) == ("Bone", "1 Fat", "1.1 More")
    assert [aside.reason for aside in review.set_aside] == ["markup"] * 3


def test_pages_by_form_feed(tmp_path: Path) -> None:
    text = "First page has a sentence. It goes on\f here. Second page too."
    first, *_, last = read_file(write(tmp_path, text.encode())).passages[0].sentences
    assert (first.page, last.page) == (1, 2)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.txt", "empty"),
        (b" \n\n ", "a.txt", "no sentence"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a.txt", "not a text file"),
        (bytes(range(256)) * 4, "a.txt", "a.txt"),
        (b"hello", "a.txt", "no sentence"),
        (b"%PDF-1.7", "a.pdf", "damaged"),
    ],
)
def test_what_cannot_be_used_gives_one_line(
    tmp_path: Path, data: bytes, name: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said) as error:
        read_file(write(tmp_path, data, name))
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_file(tmp_path / "none.txt")
    with pytest.raises(SourceError, match="folder"):
        read_file(tmp_path)


MANIFEST = (
    '[[review]]\nid = "a"\nfile = "a.txt"\nsha256 = "{sha}"\ntitle = "A"\ntitle_assigned = true\n'
)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("not toml [", "manifest is broken"),
        ("", "manifest is broken"),
        ("review = 3", "manifest is broken"),
        ('[[review]]\nid = "a"\n', "manifest is broken"),
        (MANIFEST.replace("a.txt", "../a.txt"), "manifest is broken"),
        (MANIFEST, "not the file"),
        (MANIFEST.replace("a.txt", "b.txt"), "no such file"),
    ],
)
def test_a_broken_manifest_gives_one_line(tmp_path: Path, manifest: str, said: str) -> None:
    (tmp_path / "a.txt").write_text("骨。", "utf-8")
    (tmp_path / "manifest.toml").write_text(manifest.replace("{sha}", "0" * 64), "utf-8")
    with pytest.raises(SourceError, match=said) as error:
        bundled_reviews(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("stem", "id"),
    [("Liver 2016 (final)", "liver-2016-final"), ("肝脏 综述", "肝脏-综述"), ("...", "review")],
)
def test_identifier(stem: str, id: str) -> None:
    assert identifier(stem) == id
