"""How long the page takes beyond the answer itself: from submitting a question to its cards painted.

`python -m benchmarks.page` prints the table of `page.md`; it needs Chromium and the extra `test`.
"""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from playwright.sync_api import sync_playwright

import app
from index import Library, default_encoder
from qa import Assistant
from qa.web.opening import Loader
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.serving import serving

QUESTIONS = Path(__file__).parent / "questions.jsonl"
ASKED = 20

SUBMIT = """(question) => new Promise((done) => {
    const turns = document.querySelectorAll(".turn").length;
    const box = document.querySelector("#question textarea");
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => {
        const start = performance.now();
        const look = () => {
            const turn = document.querySelectorAll(".turn")[turns];
            if (turn && !turn.ariaBusy) requestAnimationFrame(() => done(performance.now() - start));
            else requestAnimationFrame(look);
        };
        document.querySelector("#send").click();
        look();
    }, 50);
})"""


def milliseconds(assistant: Assistant, question: str) -> float:
    """Return how long the answer itself takes."""
    start = perf_counter()
    assistant.ask(question)
    return (perf_counter() - start) * 1000


def measure(page: Any, assistant: Assistant, questions: list[str]) -> list[tuple[float, float]]:
    """Return for each question the time of the answer itself, and from submit to paint, in ms."""
    found = []
    for question in questions:
        page.get_by_role("button", name="新对话").click()
        found.append((milliseconds(assistant, question), float(page.evaluate(SUBMIT, question))))
    return found


def main() -> None:
    lines = QUESTIONS.read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][: ASKED + 1]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = Library(Path(folder), default_encoder())
        library.fill()
        assistant = Assistant(library)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(app.create_app(Loader(lambda _: assistant))) as address:
            page = browser.new_page(locale="zh-CN")
            page.goto(address)
            page.wait_for_selector(".welcome .chip")
            times = measure(page, assistant, questions)[1:]  # the first also warms the browser up
        browser.close()
        library.close()
    answers, pages = zip(*times, strict=True)
    over = sorted(painted - answered for answered, painted in times)
    print("| milliseconds | median | slowest |\n|---|---|---|")
    print(f"| `Assistant.ask` | {statistics.median(answers):.0f} | {max(answers):.0f} |")
    print(f"| submit to painted | {statistics.median(pages):.0f} | {max(pages):.0f} |")
    print(f"| the page on top | {statistics.median(over):.0f} | {over[-1]:.0f} |")


if __name__ == "__main__":
    if CHROMIUM is None or shutil.which(CHROMIUM) is None:
        raise SystemExit("no Chromium: apt-get install chromium")
    main()
