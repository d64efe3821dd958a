"""What is installed is what was locked, listed and allowed."""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)(?: ; (.*?))? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.M)
NOT_LOCKED = {"torch", "yuanwen"}
"""PyTorch's wheels differ by index; its version is in the Makefile."""


def name_of(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def locked(file: str) -> dict[str, str]:
    return {name: version for name, version, *_ in PIN.findall((ROOT / file).read_text("utf-8"))}


def installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:  # meant for another platform
        return None


@pytest.mark.parametrize("file", ["requirements.lock", "requirements.test.lock"])
def test_every_package_is_locked_by_hash(file: str) -> None:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    assert len(locked(file)) == sum("==" in line and not line.startswith(" ") for line in lines)
    assert len(locked(file)) > 90


def test_what_is_installed_is_what_is_locked() -> None:
    here = {name: installed(name) for name in locked("requirements.test.lock")}
    held = {name: found.version for name, found in here.items() if found}
    assert len(held) > 100
    assert held == {name: locked("requirements.test.lock")[name] for name in held}


def test_tests_run_with_what_runs() -> None:
    more = locked("requirements.test.lock")
    run = locked("requirements.lock")
    assert {name: version for name, version in run.items() if name in more} == {
        name: more[name] for name in run if name in more
    }


def test_what_the_program_needs_is_locked() -> None:
    needed, seen = ["yuanwen"], set[str]()
    while needed:
        name = needed.pop()
        if name in seen or (found := installed(name)) is None:
            continue
        seen.add(name)
        for told in found.requires or ():
            if "extra ==" not in told:
                needed.append(name_of(re.match(r"[\w.-]+", told)[0]))  # type: ignore[index]
    assert seen - NOT_LOCKED <= set(locked("requirements.lock"))


def test_the_bill_of_materials_is_of_the_lock() -> None:
    bill = json.loads((ROOT / "docs" / "sbom.json").read_text("utf-8"))
    listed = {name_of(each["name"]): each["version"] for each in bill["components"]}
    run = locked("requirements.lock")
    assert set(listed) - set(run) <= NOT_LOCKED | {"pip"}
    assert {name: listed[name] for name in run if name in listed} == {
        name: version for name, version in run.items() if name in listed
    }
    assert len(listed) > 90


def test_no_licence_reaches_out_for_this_program() -> None:
    table = (ROOT / "docs" / "licences.md").read_text("utf-8")
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| ")][1:]
    assert {name_of(name.strip()) for name, *_ in rows} - NOT_LOCKED <= set(
        locked("requirements.lock")
    )
    assert not [row for row in rows if re.search(r"\b(A?GPL|SSPL|BUSL)\b", row[2])]
