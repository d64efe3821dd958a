"""The one error of reading documents."""

from __future__ import annotations


class SourceError(ValueError):
    """A document or manifest that cannot be used; the message names the file and the cure."""
