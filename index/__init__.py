"""Passages and sentences made searchable: encoder, vectors, words, the library on disk."""

from .encoder import Encoder, SentenceTransformerEncoder, default_encoder
from .errors import EncoderError, LibraryError, WeightsError
from .intake import Taken
from .library import Library
from .search import Hit, find, search
from .terms import folded, names

__all__ = [
    "Encoder",
    "EncoderError",
    "Hit",
    "Library",
    "LibraryError",
    "SentenceTransformerEncoder",
    "Taken",
    "WeightsError",
    "default_encoder",
    "find",
    "folded",
    "names",
    "search",
]
