"""Small files beside the indexes, sealed: taken only if they are whole and of this account.

The first line of each is its seal, the rest JSON, which is not looked at without it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from .key import is_sealed, seal
from .plain import is_plain

Note = TypeVar("Note")


def read_note(file: Path, kind: type[Note]) -> Note | None:
    """Return the dataclass that a file holds; None if it is not there or not of this account."""
    try:
        told, _, data = file.read_bytes().partition(b"\n") if is_plain(file) else (b"", b"", b"")
        if not is_sealed(file.name, data, told.decode("latin-1")):
            return None
        found = kind(**json.loads(data))
    except (OSError, ValueError, TypeError):  # of an older program
        return None
    fields = get_type_hints(kind).items()
    return found if all(isinstance(getattr(found, name), each) for name, each in fields) else None


def write_note(file: Path, told: dict[str, Any]) -> None:
    """Write a file so that after a crash it is there as it was before or as it is now."""
    making = file.with_name(f".{file.name}")
    data = json.dumps(told).encode()
    with making.open("wb") as stream:
        stream.write(seal(file.name, data).encode() + b"\n" + data)
        stream.flush()
        os.fsync(stream.fileno())
    making.replace(file)
    keep_names(file.parent)


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises OSError unless it is a plain file."""
    if not is_plain(file):
        raise OSError(f"{file}: not a plain file")
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep_names(folder: Path) -> None:
    """See that the names in a folder outlive a power cut; Windows does that by itself."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
