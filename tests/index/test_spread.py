"""A folder added on a Ray cluster makes the library that adding it locally makes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index import Library, LibraryError
from index.spread import _share, add_spread

from ..hashed import Hashed, write

ROOT = Path(__file__).parents[2]


def test_one_processor_of_each_node_is_left_to_ray() -> None:
    assert _share([4]) == (3, 1)
    assert _share([2, 2, 1]) == (1, 2)
    assert _share([8, 4, 16]) == (3, 2 + 1 + 5)
    with pytest.raises(LibraryError, match="two CPUs"):
        _share([1, 1])


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra [ray] is not installed")
    library = Library(tmp_path / "library", Hashed())
    file = write(tmp_path, "a.txt", "瘦素保护骨量。")
    for address in ("127.0.0.1:9", "nonsense"):
        with pytest.raises(LibraryError, match="host:6379") as told:
            add_spread(library, [file], address)
        assert "\n" not in str(told.value)


def test_without_ray_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(LibraryError, match=r"yuanwen\[ray\]"):
        add_spread(Library(tmp_path, Hashed()), [tmp_path], "127.0.0.1:9")


def test_two_nodes_make_the_same_library(tmp_path: Path) -> None:
    """Two raylets in a network of their own, since Ray listens on every one it sees."""
    pytest.importorskip("ray", reason="the extra [ray] is not installed")
    alone = [shutil.which("unshare") or "", "-rn"]
    if not alone[0] or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this system gives no network namespace of one's own (unshare -rn)")
    command = [*alone, sys.executable, "-m", "tests.index.spreading", str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "the same"
