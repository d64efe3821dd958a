"""A short load on the real program; `python -m benchmarks.load` is the long one."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.load import measure, server
from qa.web.line import LIMIT

from ...running import run_apart

SESSIONS, SECONDS = 30, 10.0


def test_many_sessions_are_answered_or_told_that_it_is_busy(bundled: Path, tmp_path: Path) -> None:
    library = shutil.copytree(bundled, tmp_path / "library")
    with server(library) as (address, process):
        run = run_apart(measure(address, process.pid, SESSIONS, SECONDS, pause=0.2, single=3.0))
    assert run.crowd.errors == {}
    assert run.alone.errors == {}
    assert run.crowd.answered() > 0
    assert run.crowd.seconds["read"]
    assert run.crowd.seconds["sources"]
    asked = run.crowd.seconds["ask"] + run.crowd.seconds["follow-up"]
    assert max(asked) < LIMIT + 5  # no one waits longer, however slow the machine
    assert process.returncode is not None
