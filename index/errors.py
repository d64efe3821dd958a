"""The one error of a library."""

from __future__ import annotations


class LibraryError(RuntimeError):
    """A library that cannot be used as it is; the message names the place and the cure."""
