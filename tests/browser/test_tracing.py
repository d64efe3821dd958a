"""The tracer of `make soak` sees what leaves; the session itself takes too long for every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.index.traced import need_strace

from .tracing import alone, outward, targets, traced

SOUGHT = """
import socket
for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"),
                        (socket.AF_INET, "127.0.0.1")):
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        try:
            made.connect((address, 9))
        except OSError:
            pass
"""


def test_the_tracer_sees_what_leaves(tmp_path: Path) -> None:
    need_strace()
    command = alone()
    if command is None:
        pytest.skip("this machine does not let a test make a network namespace (unshare -n)")
    trace = tmp_path / "trace"
    subprocess.run([*command, *traced(trace, [sys.executable, "-c", SOUGHT])], check=True)
    assert outward(targets(trace)) == ["192.0.2.1", "2001:db8::1"]
