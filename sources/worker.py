"""The process that reads strangers' files: bytes in, plain data out, nothing else it can do.

A request is a line of JSON and then the file's bytes; the reply is eight bytes that say how long
the JSON after them is.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from .confinement import allow_seconds, confine
from .errors import SourceError
from .packed import pack_content, pack_record, unpack_record
from .reading import READERS, read_bytes, reader_of

LENGTH = 8


def main(memory: int) -> None:
    """Answer requests until there are none."""
    asked, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library that prints does not break a reply
    for format in READERS.values():
        reader_of(format)  # a library that is not loaded now may not be loaded later
    confine(memory)
    while line := asked.readline():
        request = json.loads(line)
        data = asked.read(request["size"])
        allow_seconds(request["seconds"])
        reply = json.dumps(_answer(request, data), ensure_ascii=False)
        packed = reply.encode("utf-8", "surrogatepass")
        told.write(len(packed).to_bytes(LENGTH, "big") + packed)
        told.flush()


def _answer(request: dict[str, Any], data: bytes) -> dict[str, str]:
    record = unpack_record(request["record"], "{}") if request["record"] else None
    try:
        review = read_bytes(data, Path(request["path"]), record, request["id"])
        _ = review.references, review.is_cited_by_number  # what takes long does so here
    except SourceError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"limit": "memory"}
    raw, layout, rest = pack_content(review)
    return {"record": pack_record(review.record), "raw": raw, "layout": layout, "rest": rest}
