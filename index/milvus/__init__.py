"""Candidates from a Milvus server, so that a library can outgrow one machine."""

from .engine import Milvus

__all__ = ["Milvus"]
