"""Small JSON files beside the indexes: written whole or not at all, taken only if they are whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

Note = TypeVar("Note")


def read_note(file: Path, kind: type[Note]) -> Note | None:
    """Return the dataclass that a file holds; None if it is not there or is anything else."""
    try:
        found = kind(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    fields = get_type_hints(kind).items()
    return found if all(isinstance(getattr(found, name), each) for name, each in fields) else None


def write_note(file: Path, told: dict[str, Any]) -> None:
    """Write a file so that after a crash it is there as it was before or as it is now."""
    making = file.with_name(f".{file.name}")
    with making.open("w", encoding="utf-8") as stream:
        json.dump(told, stream)
        stream.flush()
        os.fsync(stream.fileno())
    making.replace(file)
    keep_names(file.parent)


def keep_names(folder: Path) -> None:
    """See that the names in a folder outlive a power cut; Windows does that by itself."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
