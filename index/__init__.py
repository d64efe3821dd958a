"""Passages and sentences made searchable: encoder, vectors, words, the library on disk."""

from .encoder import Encoder, SentenceTransformerEncoder, default_encoder
from .errors import EncoderError, LibraryError, WeightsError
from .intake import Taken
from .library import Library
from .search import Hit, find, read_question, search
from .shared import SharedEncoder
from .terms import folded, names

__all__ = [
    "Encoder",
    "EncoderError",
    "Hit",
    "Library",
    "LibraryError",
    "SentenceTransformerEncoder",
    "SharedEncoder",
    "Taken",
    "WeightsError",
    "default_encoder",
    "find",
    "folded",
    "names",
    "read_question",
    "search",
]
