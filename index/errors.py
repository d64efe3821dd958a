"""The errors of the index."""

from __future__ import annotations


class LibraryError(RuntimeError):
    """A library that cannot be used as it is; the message names the place and the cure."""


class EngineError(LibraryError):
    """A search engine that holds something else than this library's past; the message says what."""


class WeightsError(RuntimeError):
    """The bundled weights cannot be used; the message names the file and the cure."""


class EncoderError(RuntimeError):
    """A model cannot be loaded, or gave no usable vectors; the message names the model."""
