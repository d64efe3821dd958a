"""The reviews that come with the program: files in `sources/library/`, listed in its manifest."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from .errors import SourceError
from .reading import load, read_bytes
from .record import Record
from .review import Review

BUNDLED = Path(__file__).parent / "library"


def bundled_reviews(folder: Path = BUNDLED) -> list[Review]:
    """Read the reviews that a folder's `manifest.toml` lists, each checked against its hash.

    Raises SourceError, naming the file and the place, for a broken manifest, a missing file, or
    one whose bytes are not those listed.
    """
    return [_read(folder, entry) for entry in _entries(folder / "manifest.toml")]


def _entries(manifest: Path) -> list[dict[str, Any]]:
    try:
        listed = tomllib.loads(load(manifest).decode("utf-8"))["review"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise _broken(manifest, str(error)) from None
    needed = {"id", "file", "sha256", "title", "title_assigned"}
    known = needed | {record_field.name for record_field in fields(Record)}
    for entry in listed if isinstance(listed, list) else [None]:
        if not isinstance(entry, dict) or not needed <= entry.keys() <= known:
            raise _broken(manifest, f"[[review]] {sorted(needed)}")
        if Path(str(entry["file"])).name != entry["file"]:
            raise _broken(manifest, f"file = {entry['file']!r}")
    return list(listed)


def _broken(manifest: Path, reason: str) -> SourceError:
    return SourceError(
        f"{manifest}: 清单有误（{reason}），请重新安装 / the manifest is broken; install the program again"
    )


def _read(folder: Path, entry: dict[str, Any]) -> Review:
    path = folder / entry["file"]
    data = load(path)
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise SourceError(
            f"{path}: 文件与清单所记的哈希不符，请重新安装 / not the file that manifest.toml lists; "
            "install the program again"
        )
    told = {name: value for name, value in entry.items() if name not in ("id", "file", "sha256")}
    told["authors"] = tuple(told.get("authors", ()))
    return read_bytes(data, path, Record(**told), entry["id"])
