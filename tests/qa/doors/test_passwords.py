"""Passwords are kept so that they can be checked and not read."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.doors.passwords import OWASP, Cost, hash_password, matches, of_nobody

from .conftest import PASSWORD, QUICK


def test_the_cost_is_one_that_owasp_names() -> None:
    """Its list of equal settings: n = 2^17 and p = 1, 2^16 and 2, 2^15 and 3, 2^14 and 5, 2^13 and 10."""
    assert OWASP in [Cost(2**17, 8, 1), Cost(2**16, 8, 2), Cost(2**15, 8, 3), Cost(2**14, 8, 5)]


def test_what_is_kept_is_scrypt_as_anyone_computes_it() -> None:
    method, n, r, p, salt, hashed = hash_password("a longer password").split("$")
    assert (method, int(n), int(r), int(p)) == ("scrypt", *OWASP)
    again = hashlib.scrypt(
        b"a longer password", salt=bytes.fromhex(salt), n=2**15, r=8, p=3, maxmem=2**26, dklen=32
    )
    assert again.hex() == hashed
    assert len(bytes.fromhex(salt)) == 16


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert hash_password(PASSWORD, QUICK) != hash_password(PASSWORD, QUICK)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_only_the_same_password_matches(one: str, other: str) -> None:
    kept = hash_password(one, QUICK)
    assert matches(one, kept)
    assert not matches(one, of_nobody(QUICK))
    same = unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    assert matches(other, kept) == same


@pytest.mark.parametrize("typed", ["pässwörd of mine", "ｐäｓswörd of mine"])
def test_a_password_typed_on_another_system_is_the_same(typed: str) -> None:
    assert matches(typed, hash_password("pa\u0308ssw\u00f6rd of mine", QUICK))
