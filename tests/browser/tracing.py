"""A session of the whole program where only loopback is up, every connection it tries traced.

`python -m tests.browser.tracing FOLDER SECONDS` prints the addresses outside this machine that the
server, or the browser and whoever drives it, tried to reach, one line each; what was done in the
session, and how many connections were seen, goes to stderr.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx

from sources.bundled import BUNDLED

ROOT = Path(__file__).parents[2]
CALLS = "connect,sendto"
STYLES = ("GB/T 7714", "APA", "Vancouver", "BibTeX", "RIS", "Markdown")
NO_NAMES = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
"""Keeps Chromium from looking up its maker's servers; what the page asks for is watched apart."""
PROBE = "2001:4860:4860::8888"
"""Chromium asks the kernel for a way there to learn whether there is IPv6; it sends nothing."""
_TARGET = re.compile(
    r'sa_family=(AF_\w+)(?:[^}]*?(?:inet_addr\("([^"]+)|inet_pton\(AF_INET6, "([^"]+)))?'
)
_SIOCSIFFLAGS, _UP = 0x8914, 0x1


def alone() -> list[str] | None:
    """Return the command that runs another without any network interface up, if this may be."""
    for flags in (["-n"], ["-r", "-n"]):
        command = [shutil.which("unshare") or "unshare", *flags]
        try:
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                return command
        except OSError:
            return None
    return None


def traced(trace: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs another and writes down where it and its children connect."""
    quickly = ["--seccomp-bpf", "-f", "-qq", "-s", "0"]
    return ["strace", *quickly, "-e", f"trace={CALLS}", "-o", str(trace), *command]


def targets(trace: Path) -> Counter[str]:
    """Return where a traced command tried to connect or send to, with how often.

    That is an address, or the family of one that cannot leave the machine (`AF_UNIX`).
    """
    found: Counter[str] = Counter()
    for line in trace.read_text("ascii", errors="replace").splitlines():
        for family, four, six in _TARGET.findall(line):
            found[four or six or family] += 1
    return found


def outward(found: Counter[str]) -> list[str]:
    return [each for each in found if not each.startswith("AF_") and not _stays(each)]


def _stays(address: str) -> bool:
    parsed = ip_address(address)
    return parsed.is_loopback or parsed.is_unspecified


def session(folder: Path, seconds: float) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Run a session; return where server and browser tried to connect, and what was done in it."""
    command = alone()
    assert command, "no network namespace can be made here (unshare -n)"
    inside = [sys.executable, "-m", "tests.browser.tracing", str(folder), str(seconds), "inside"]
    subprocess.run([*command, *inside], cwd=ROOT, check=True, timeout=seconds + 300)
    done = Counter(json.loads((folder / "done.json").read_text("utf-8")))
    return {side: targets(folder / f"{side}.trace") for side in ("server", "browser")}, done


def run_inside(folder: Path, seconds: float) -> None:
    """Start the server and whoever uses it, each traced, with loopback as the only interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", _UP, b""))
    environment = os.environ | {
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHONIOENCODING": "utf-8",
    }
    serving = [sys.executable, "-m", "qa", "serve", "--port", "0"]
    if (folder / "library").exists():
        serving += ["--library", str(folder / "library")]
    server = subprocess.Popen(
        traced(folder / "server.trace", serving),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert server.stdout
        address = server.stdout.readline().split()[-1]
        using = [sys.executable, "-m", "tests.browser.tracing", str(folder), str(seconds), address]
        subprocess.run(traced(folder / "browser.trace", using), env=environment, check=True)
    finally:
        os.kill(_child_of(server.pid), signal.SIGTERM)  # strace itself would just let go of it
        server.wait(60)


def _child_of(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def use(folder: Path, seconds: float, address: str) -> None:
    """Use the page as a person does, again and again: ask, read on, export, add, remove."""
    from playwright.sync_api import sync_playwright

    from benchmarks.load import wait_until_ready

    from .conftest import CHROMIUM, FLAGS

    elsewhere: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            elsewhere.append(request.url)

    wait_until_ready(address)
    done: Counter[str] = Counter()
    until = time.monotonic() + seconds
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *NO_NAMES])
        page = browser.new_page(locale="zh-CN", accept_downloads=True)
        page.on("request", note)
        page.goto(address)
        page.wait_for_selector(".welcome .chip")
        while not done or time.monotonic() < until:
            use_once(page, address, done)
        browser.close()
    done["pages elsewhere"] = len(elsewhere)
    (folder / "done.json").write_text(json.dumps(done), "utf-8")


def use_once(page: Any, address: str, done: Counter[str]) -> None:
    from .acting import IN_ENGLISH, NOWHERE, QUESTION, ask

    name = f"文{done['added']}.txt"
    text = (BUNDLED / "liver-osteoporosis.txt").read_text("utf-8")
    page.locator("#open-shelf").click()
    page.set_input_files(
        ".drop input",
        [{"name": name, "mimeType": "text/plain", "buffer": f"{name}\n\n{text[:6000]}".encode()}],
    )
    page.locator(".files li[data-outcome]").first.wait_for(timeout=60_000)
    done["added"] += 1
    row = page.locator(".reviews li", has=page.locator("code", has_text=name))
    row.locator("summary").first.click()
    row.locator(".record input").first.wait_for()
    row.locator(".danger").click()
    row.locator(".danger").click()
    row.wait_for(state="detached")
    done["removed"] += 1
    page.keyboard.press("Escape")
    for question in (QUESTION, IN_ENGLISH, NOWHERE):
        turn = ask(page, question)
        done["asked"] += 1
    turn = page.locator(".turn", has=page.locator("article.quote")).first
    turn.locator("article.quote blockquote").first.click()
    page.wait_for_selector(".reader mark.here")
    page.locator(".reader-tools [aria-pressed]").click()
    page.wait_for_selector(".raw-line")
    page.keyboard.press("Escape")
    done["read"] += 1
    for style in STYLES:
        turn.locator(".export summary").click()
        with page.expect_download() as saved:
            turn.locator(".export").get_by_role("button", name=style).click()
        assert saved.value.path().stat().st_size
        done["exported"] += 1
    answer = httpx.post(f"{address}/api/ask", json={"question": QUESTION})
    assert answer.json()["status"] == "answered"
    done["asked by the API"] += 1
    page.locator("#new-conversation").click()
    page.reload()
    page.wait_for_selector(".welcome .chip")


def main(folder: Path, seconds: float, role: str = "") -> None:
    if role == "inside":
        run_inside(folder, seconds)
    elif role:
        use(folder, seconds, role)
    else:
        found, done = session(folder, seconds)
        for side, reached in found.items():
            print(*(f"{side}: {each}\n" for each in outward(reached)), sep="", end="")
            print(f"{side}: {dict(reached)}", file=sys.stderr)
        print(dict(done), file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
