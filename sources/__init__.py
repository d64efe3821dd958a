"""Documents in, spans out: reading, repairing layout, sections, sentences, references."""

from .bundled import bundled_reviews
from .characters import language
from .citing import Cited, fold
from .errors import SourceError
from .isolated import read_bytes, read_file
from .layout import REPAIR_VERSION, Section, SetAside, repair
from .markers import markers
from .names import as_name
from .reading import READERS, load
from .record import Record
from .references import Reference
from .review import Passage, Review, Span
from .walking import Item, walk

__all__ = [
    "READERS",
    "REPAIR_VERSION",
    "Cited",
    "Item",
    "Passage",
    "Record",
    "Reference",
    "Review",
    "Section",
    "SetAside",
    "SourceError",
    "Span",
    "as_name",
    "bundled_reviews",
    "fold",
    "language",
    "load",
    "markers",
    "read_bytes",
    "read_file",
    "repair",
    "walk",
]
