"""PDF: the text layer with its positions, put in reading order and sorted into blocks."""

from .reader import read_pdf

__all__ = ["read_pdf"]
