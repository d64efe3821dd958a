"""Waiting for another process that writes, and saying so when it takes a while."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

SAID_AFTER = 3.0
"""Seconds of waiting after which people are told; most changes take a fraction of one."""

_log = logging.getLogger("yuanwen")


@contextmanager
def waiting_for(file: Path) -> Iterator[None]:
    """Log one line if what is done inside, getting hold of a file, takes a while."""
    told = Timer(SAID_AFTER, _tell, [file])
    told.daemon = True
    told.start()
    try:
        yield
    finally:
        told.cancel()


def _tell(file: Path) -> None:
    _log.warning(
        "yuanwen: %s: 另一进程正在写，等它写完 / another process is writing; waiting for it", file
    )
