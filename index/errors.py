"""The errors of the index."""

from __future__ import annotations


class LibraryError(RuntimeError):
    """A library that cannot be used as it is; the message names the place and the cure."""


class WeightsError(RuntimeError):
    """The bundled weights cannot be used; the message names the file and the cure."""
