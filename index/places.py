"""Whether a file is still what it was when it was read, without reading it where that is sure."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from .rows import Place

SETTLED = 2.0
"""Seconds. A file changed within so little of being read may change again and keep its time."""


def absolute(path: Path) -> str:
    """Return how a path is known: from the root on, and without `..`."""
    return os.path.abspath(path)


def place_of(path: Path, data: bytes) -> Place:
    """Return the place of a file that was just read, with the size and time it is known by.

    Without them where they might be those of a later content.
    """
    known = absolute(path)
    try:
        found = path.stat()
    except OSError:  # it is gone already, or stands in an archive
        return Place(known)
    if found.st_size != len(data) or time.time() - found.st_mtime < SETTLED:
        return Place(known)
    return Place(known, found.st_size, found.st_mtime_ns)


def has_changed(place: Place, sha256: str) -> bool:
    """Tell whether another file stands at a place; one that is gone, or cannot be read, has not.

    It is hashed only where size or time differ from those it was known by.
    """
    path = Path(place.path)
    try:
        found = path.stat()
        if (found.st_size, found.st_mtime_ns) == (place.size, place.modified):
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() != sha256
    except OSError:
        return False


def is_gone(path: str, failed: bool) -> bool:
    """Tell whether no file stands at a path any more.

    What stood in an archive is gone if the archive is, or else if everything could be read
    (`failed` says that something could not) and it was not found.
    """
    if Path(path).exists():
        return False
    return not (failed and any(above.is_file() for above in Path(path).parents))
