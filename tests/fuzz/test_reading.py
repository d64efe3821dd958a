"""Mutated documents of every kind: read or refused in one line, soon, and quoted as they stand."""

from __future__ import annotations

import pytest

from sources.isolated import Reader

from .reading import LIMIT, documents, fuzz


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_mutated_documents_are_read_or_refused_and_quoted_as_they_stand() -> None:
    reader = Reader(seconds=LIMIT)
    found, counted = fuzz(210, 7, reader)
    reader.stop()
    assert found == []
    for kind in documents():
        assert counted[f"{kind} read"] + counted[f"{kind} refused"] == 30
    assert sum(number for what, number in counted.items() if "read" in what) > 60
