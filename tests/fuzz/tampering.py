"""Open libraries in which one cell is not what it was, its hashes made to agree, and use them.

`python -m tests.fuzz.tampering FOLDER COUNT SEED` prints what was found wrong, one line each.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from index import Library, LibraryError
from index.library import DATABASE
from index.schema import content_digest, keep_spans_digest
from qa import Assistant
from qa.errors import QuoteError
from qa.web.opening import Loader
from qa.web.shelf import Shelf

from ..hashed import Hashed, write

ODD = (None, [], {}, "", -1, 10**9, 1.5, "x", [["x"]], {"x": 1}, True, "骨" * 99)
NUMBERS = (0, -1, 1, 7, 2**31, 2**63 - 1)
PAPER = """<html><h1>Bone</h1><p>It is lost.<sup>13</sup> So it is (Smith 2019).</p>
<table><tr><td>a</td><td>b</td></tr></table><h2>2 References</h2>
<p>[13] Smith J. Bone[J]. Bone, 2019, 1(2): 3-4.</p></html>"""
USES: dict[str, Callable[[Assistant], object]] = {
    "ask": lambda assistant: assistant.ask("骨量如何？", k=5).as_dict(),
    "within": lambda assistant: assistant.ask("bone", sources=["paper"]).as_dict(),
    "cites": lambda assistant: list(assistant.cites("13", ["paper"])),
    "list": lambda assistant: Shelf(Loader(lambda _: assistant)).listed(),
    "check": lambda assistant: assistant.library.check(),
    "add": lambda assistant: assistant.library.add([assistant.library.folder / "new.txt"]),
    "remove": lambda assistant: assistant.library.remove("a"),
    "repair": lambda assistant: assistant.library.repair(),
}


def prepare(folder: Path) -> Path:
    """Make a small library and return its folder."""
    library = Library(folder / "library", Hashed())
    library.add(
        [
            write(folder, "a.txt", "瘦素保护骨量。Wine harms bone.\n\n骨折多发[1]。"),
            write(folder, "paper.html", PAPER),
        ]
    )
    library.describe("a", title="骨", year="2020")
    library.remove(library.add([write(folder, "b.txt", "酒精伤骨。")])[0].review or "")
    write(library.folder, "new.txt", "茶多酚护骨。")
    library.close()
    return library.folder


def tampered(file: Path, chance: random.Random) -> str | None:
    """Put something else into one cell; say where, or None where the table does not take it."""
    with closing(sqlite3.connect(file)) as database, database:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
        table = chance.choice([name for (name,) in database.execute(tables)])
        columns = database.execute(f"PRAGMA table_info ({table})").fetchall()
        _, column, kind, *_ = chance.choice(columns)
        rows = database.execute(f'SELECT rowid, "{column}" FROM {table}').fetchall()
        row, old = chance.choice(rows)
        new = _other(old, kind, chance)
        try:
            database.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', (new, row))
        except sqlite3.IntegrityError:
            return None
        contents = database.execute("SELECT review, raw, layout, rest FROM content").fetchall()
        for review, *content in contents:
            digest = content_digest(*content)
            database.execute("UPDATE content SET digest = ? WHERE review = ?", (digest, review))
            keep_spans_digest(database, review)
    return f"{table}.{column} {row}: {str(new)[:100]!r}"


def _other(old: Any, kind: str, chance: random.Random) -> Any:
    if kind == "INTEGER":
        return chance.choice(NUMBERS)
    if kind == "BLOB":
        return chance.choice([b"", b"\xff" * 64, b"x" * 7, old[:-1], old[: len(old) // 2], old * 2])
    try:
        told = json.loads(old)
    except ValueError:
        return chance.choice(["", "x", old[: len(old) // 2], old * 2, "\0", "99"])
    return json.dumps(_changed(told, chance))


def _changed(told: Any, chance: random.Random) -> Any:
    """Return JSON with something else somewhere in it."""
    if not isinstance(told, dict | list) or not told or chance.random() < 0.15:
        return chance.choice(ODD)
    keys = list(told) if isinstance(told, dict) else range(len(told))
    key = chance.choice(keys)
    if chance.random() < 0.1:
        del told[key]
    else:
        told[key] = _changed(told[key], chance)
    return told


def wrong(folder: Path, count: int, seed: int) -> Iterator[str]:
    """Yield what came of it that is not one line, and last how many were tampered with."""
    whole, now, done = prepare(folder), folder / "now", 0
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        shutil.rmtree(now, ignore_errors=True)
        shutil.copytree(whole, now)
        where = tampered(now / DATABASE, chance)
        if where is None:
            continue
        done += 1
        for use, function in USES.items():
            if told := _used(now, function):
                yield f"seed {seed} number {number} {where}: {use}: {told}"
    yield f"{done} libraries"


def _used(folder: Path, function: Callable[[Assistant], object]) -> str | None:
    library = None
    try:
        library = Library(folder, Hashed())
        function(Assistant(library))
    except (LibraryError, QuoteError) as error:
        return f"not one line: {error}" if "\n" in str(error) else None
    except BaseException:
        return traceback.format_exc().strip().replace("\n", " | ")[-400:]
    finally:
        if library:
            library.close()
    return None


def main(folder: Path, count: int, seed: int) -> None:
    *found, done = wrong(folder, count, seed)
    print(*(f"{each}\n" for each in found), sep="", end="")
    print(f"{done}, {len(found)} wrong", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
