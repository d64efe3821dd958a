"""What a reader knows of a document is still known when the library is opened again."""

from __future__ import annotations

from pathlib import Path

from index import Library
from sources import read_file

from .test_library import Hashed, write

PAGE = (
    "<html><h1>Bone</h1><p>It is lost.<sup>13</sup> So it is.</p>"
    "<table><tr><td>a</td><td>b</td></tr></table></html>"
)


def test_superscripts_tables_and_the_record_are_kept(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", Hashed())
    file = write(tmp_path, "bone.html", PAGE)
    added = read_file(file)
    library.add([file])
    library.close()
    (kept,) = Library(tmp_path / "library", Hashed()).reviews.values()
    assert kept.layout == added.layout
    assert (kept.record, kept.pages, kept.labels) == (added.record, added.pages, added.labels)
    assert [kept.raw[slice(*span)] for span in kept.superscripts] == ["13"]
    assert [sentence.text for sentence in kept.sentences] == ["It is lost.13", "So it is.", "a b"]
    assert kept.sort_at(kept.sentences[-1].start) == "table"
