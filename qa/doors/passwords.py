"""Passwords as they are kept: salted and slow to guess, never the password itself."""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from threading import BoundedSemaphore
from typing import NamedTuple


class Cost(NamedTuple):
    """What one guess costs: scrypt's parameters, RFC 7914; 128 · n · r bytes of memory."""

    n: int
    r: int
    p: int


OWASP = Cost(2**15, 8, 3)
"""One of the equal settings of OWASP's Password Storage Cheat Sheet: 32 MiB a guess. Argon2id, its
first choice, would be one more compiled package; scrypt comes with Python."""

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""

_AT_ONCE = BoundedSemaphore(2)  # so that many who guess at once do not take the memory


def hash_password(password: str, cost: Cost = OWASP) -> str:
    """Return what is kept of a password: method, cost, salt and hash."""
    salt = os.urandom(16)
    hashed = _scrypt(password, salt, cost)
    return f"scrypt${cost.n}${cost.r}${cost.p}${salt.hex()}${hashed.hex()}"


def of_nobody(cost: Cost = OWASP) -> str:
    """Return what no password matches, and takes as long to find out."""
    return f"scrypt${cost.n}${cost.r}${cost.p}${os.urandom(16).hex()}${os.urandom(32).hex()}"


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one that was kept; takes as long as making it did."""
    _, n, r, p, salt, hashed = kept.split("$")
    found = _scrypt(password, bytes.fromhex(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(found, bytes.fromhex(hashed))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    # The same password from another keyboard or system is the same characters (NIST SP 800-63B).
    typed = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    memory = 128 * cost.r * (cost.n + cost.p) + 2**20
    with _AT_ONCE:
        return hashlib.scrypt(
            typed, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=32
        )
