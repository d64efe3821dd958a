"""Accounts whose passwords are quick to check: the cost is given where they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.doors.accounts import Accounts
from qa.doors.passwords import Cost

QUICK = Cost(2, 1, 1)
PASSWORD = "正确的密码 battery staple"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "doors" / "accounts.sqlite", QUICK)
