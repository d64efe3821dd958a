"""The long versions of the tests, one after the other: a line of result for each.

`python -m tests.soak [PART]...` runs those named, or all; what they find wrong is printed below
their line. Exit code 1 if one found something, failed, or did not end in its time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOUR = 3600
PARTS = {
    "killing": ("tests.index.killing FOLDER 300 1", HOUR),
    "powerless": ("tests.index.powerless FOLDER 2000 1", HOUR),
    "injecting": ("tests.index.injecting FOLDER", 3 * HOUR),
    "crowding": ("tests.index.crowding FOLDER 600 8", HOUR),
    "reading": ("tests.fuzz.reading 20000 1", 2 * HOUR),
    "requesting": ("tests.fuzz.requesting FOLDER 20000 1", HOUR),
    "tampering": ("tests.fuzz.tampering FOLDER 2500 1", HOUR),
    "corpus": ("pytest tests/browser/test_corpus.py", 2 * HOUR),
    "tracing": ("tests.browser.tracing FOLDER 600", HOUR),
    "load": ("benchmarks.load --pause 8", HOUR),
}
"""What each runs, and seconds after which it is stopped; they take a fraction of that."""
TELLING = {"corpus", "tracing", "load"}
"""Those that also print what is not wrong; their exit code says whether something is."""
ROOT = Path(__file__).parents[1]


def run(name: str) -> bool:
    """Run one part, print what it came to, and tell whether all was well."""
    module, limit = PARTS[name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        words = module.replace("FOLDER", folder).split()
        command = [sys.executable, "-W", "ignore", "-m", *words]
        try:
            ran = subprocess.run(
                command,
                cwd=ROOT,
                env=os.environ | {"YUANWEN_SOAK": "1"},
                capture_output=True,
                text=True,
                timeout=limit,
            )
            found = ran.stdout.splitlines()
            told = "; ".join(ran.stderr.strip().splitlines()[-5:])
            well = ran.returncode == 0 and (name in TELLING or not found)
        except subprocess.TimeoutExpired as late:
            found = (late.stdout or b"").decode().splitlines()
            told, well = f"stopped after {limit} s", False
    verdict = "well" if well else "WRONG"
    print(f"{name}: {verdict}; {told}; {time.monotonic() - began:.0f} s", flush=True)
    for each in found:
        print(f"  {each}", flush=True)
    return well


def main(names: list[str]) -> int:
    ended_well = [run(name) for name in names or PARTS]
    return 0 if all(ended_well) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
