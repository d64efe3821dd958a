"""A library with one cell that is not what it was gives one line, or right answers."""

from __future__ import annotations

from pathlib import Path

from .tampering import wrong


def test_one_senseless_cell_gives_no_traceback(tmp_path: Path) -> None:
    *found, done = wrong(tmp_path, 40, 1)
    assert found == []
    assert int(done.split()[0]) > 20, "most cells take another value"
