"""Power lost in the midst of a change: a sample here, more in `make soak`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from .powerless import broken, recorded
from .traced import need_strace


class Lucky(Random):
    """A chance by which nothing is lost."""

    def random(self) -> float:
        return 1.0

    def randint(self, _: int, last: int) -> int:
        return last


@pytest.mark.parametrize("name", ["first", "add", "remove"])
def test_the_library_is_as_it_was_before_or_after(tmp_path: Path, name: str) -> None:
    need_strace()
    record = recorded(tmp_path, name)
    left, now = tmp_path / "left", tmp_path / "now" / "library"
    record.restore(left, record.steps, Lucky())
    files = [file for file in now.rglob("*") if file.is_file() and file.suffix != ".sqlite-shm"]
    assert len(files) > 5
    for file in files:  # nothing that it did was overlooked; only `-shm` is written as memory
        assert (left / file.relative_to(tmp_path / "now")).read_bytes() == file.read_bytes(), file
    chance, found = Random(name), list[str]()
    for number in range(5):
        step = chance.randint(0, record.steps)
        found += [f"{step}: {e}" for e in broken(record, left, name, step, f"{number}")]
    assert found == []


def test_a_disk_that_forgets_what_was_synced_is_found_out(tmp_path: Path) -> None:
    """What the others prove can fail: without its syncs, an acknowledged change is lost."""
    need_strace()
    record = recorded(tmp_path, "add")
    record.kept.clear()
    for _, _, _, content in record.named:
        if not isinstance(content, str | None):
            content.synced.clear()
    for content in record.files.values():
        content.synced.clear()
    left = tmp_path / "left"
    assert any(broken(record, left, "add", record.steps, f"{number}") for number in range(5))
