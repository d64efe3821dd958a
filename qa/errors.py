"""The errors of asking and of checking answers."""

from __future__ import annotations

from index import LibraryError


class QuestionError(ValueError):
    """A question that cannot be read; the message says why and what to do."""


class AnswerError(ValueError):
    """A file that is not an answer of this program; the message names it and the cure."""


class QuoteError(LibraryError):
    """A quote that is not what stands in its source; it is never shown."""
