"""The record of changes and the server's log: whole lines, private, bounded, nothing to forge."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.doors import audit as auditing
from qa.doors.audit import Audit
from qa.doors.entry import EntryError
from qa.doors.log import note_question, start_log

FORGED = 'x"}\n{"who": "admin", "what": "removed"}\r\u2028\x1b[2J\x00\udcff'


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.just(FORGED))
def test_no_value_breaks_or_forges_a_line(tmp_path: Path, value: str) -> None:
    file = tmp_path / "audit.jsonl"
    file.unlink(missing_ok=True)
    Audit(tmp_path).note(value, "added", file=value)
    (line,) = lines(file)
    assert (line["who"], line["what"], line["file"]) == (value, "added", value)
    assert all(32 <= byte < 127 for byte in file.read_bytes()[:-1])


def test_records_are_private_and_only_grow(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    Audit(folder).note("li", "removed", review="茶")
    before = (folder / "audit.jsonl").read_bytes()
    Audit(folder).note("li", "added")
    assert (folder / "audit.jsonl").read_bytes().startswith(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_full_files_are_put_aside_and_no_line_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(number: int) -> None:
        Audit(tmp_path, max_bytes=1000).note("li", "added", number=number)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(note, range(60)))
    files = sorted(tmp_path.glob("audit*.jsonl"))
    assert len(files) > 3
    assert all(file.stat().st_size <= 1000 for file in files)
    assert sorted(line["number"] for file in files for line in lines(file)) == list(range(60))  # type: ignore[type-var]
    monkeypatch.setattr(auditing, "MAX_FILES", 2)
    for number in range(30):
        note(number)
    assert len(list(tmp_path.glob("audit-*.jsonl"))) == 2


@pytest.fixture
def _logging() -> Iterator[None]:
    yield
    for name in ("yuanwen", "uvicorn"):
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers, logger.propagate = [], True


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("wanted", [False, True])
def test_questions_are_logged_only_where_that_is_wanted(tmp_path: Path, wanted: bool) -> None:
    file = start_log(tmp_path / "logs", wanted)
    note_question("骨质疏松？" + FORGED)
    logging.getLogger("yuanwen.requests").info("request", extra={"told": {"path": FORGED}})
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("broken %s", FORGED)
    told = lines(file)
    assert [line["what"] for line in told if line["what"] == "asked"] == ["asked"] * wanted
    assert ("骨质疏松" in json.dumps(told, ensure_ascii=False)) == wanted
    assert told[-2]["path"] == FORGED
    assert "ValueError" in str(told[-1]["trace"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.usefixtures("_logging")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EntryError, match="--logs"):
        start_log(tmp_path / "file")
