"""All of it works where there is no network at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def unshare() -> list[str]:
    """Return the command that runs another without any network interface up, or skip."""
    for flags in (["-n"], ["-r", "-n"]):
        command = [shutil.which("unshare") or "unshare", *flags]
        try:
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                return command
        except OSError:
            break
    pytest.skip("this machine does not let a test make a network namespace (unshare -n)")


def test_the_quality_tests_pass_with_no_interface_up() -> None:
    done = subprocess.run(
        [*unshare(), sys.executable, "-m", "pytest", "tests/qa/test_quality.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_the_watch_sees_a_connection() -> None:
    """The fixture that fails a test on an outward connection is not blind."""
    looked = (
        "import socket\n"
        "from tests import conftest\n"
        "try: socket.create_connection(('192.0.2.1', 9), timeout=0.01)\n"
        "except OSError: pass\n"
        "assert conftest._outward, 'not seen'\n"
    )
    done = subprocess.run(
        [*unshare(), sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
