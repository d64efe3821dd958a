"""Requests from the API's own description: answered or refused in one line, and quoted as it stands."""

from __future__ import annotations

from pathlib import Path

from .requesting import MODES, request


def test_whatever_is_sent_is_answered_or_refused_and_quotes_verify(tmp_path: Path) -> None:
    requests = request(tmp_path, 120, 3)
    assert requests.wrong == []
    operations = (each.ok() for each in requests.schema.get_all_operations())
    assert {f"{each.method.upper()} {each.path}" for each in operations} == MODES.keys()
    assert requests.statuses.total() >= 120
    assert requests.statuses[200] > 30
    assert requests.statuses[422] > 10
    assert requests.quotes > 100
