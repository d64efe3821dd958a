"""The key of this account of the machine, by which it knows what it wrote itself."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path

from .errors import LibraryError

SIZE = 32
"""Bytes, as many as the hash has (RFC 2104, section 3)."""


def seal(name: str, data: bytes) -> str:
    """Return the HMAC-SHA256 of what a file of a name holds, with this account's key."""
    return hmac.new(_key(), name.encode() + b"\0" + data, "sha256").hexdigest()


def is_sealed(name: str, data: bytes, told: str) -> bool:
    """Tell whether `told` is the seal of what a file of a name holds."""
    return hmac.compare_digest(seal(name, data).encode(), told.encode("utf-8", "replace"))


def key_file() -> Path:
    """Return where the key of this account is kept."""
    return user_data_path("yuanwen") / "index.key"


def _key() -> bytes:
    """Read the key; make it, with mode 600, where there is none or others may have read it."""
    file = key_file()
    try:
        key = _read(file)
        if key is None:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(file.with_suffix(".lock")):
                key = _read(file) or _make(file)
    except OSError as error:
        raise LibraryError(
            f"{file}: 本帐户的密钥读写不了（{error}），请让该处可写，或把 XDG_DATA_HOME 设到可写的文件夹 / the key of "
            "this account cannot be read or written; make that place writable, or set XDG_DATA_HOME to "
            "a folder that is"
        ) from None
    return key


def _read(file: Path) -> bytes | None:
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        return None
    is_open = os.name != "nt" and stat.S_IMODE(file.stat().st_mode) & 0o077
    return key if len(key) == SIZE and not is_open else None


def _make(file: Path) -> bytes:
    key, making = secrets.token_bytes(SIZE), file.with_suffix(".new")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(stream.fileno())
    making.replace(file)
    return key
