"""A review as a publication: what is known of it, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a review as a publication; None where it is not known, never guessed.

    `title_assigned` says that the title was given by whoever added the file, not read off it;
    `note` says where the rest is known from. An empty title is one that is not known.
    """

    title: str = ""
    title_assigned: bool = True
    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    language: str | None = None
    note: str | None = None


def merged(given: Record | None, found: Record, stem: str) -> Record:
    """Return what is known in all: what was given wins over what the file says of itself.

    A title that nobody knows is the file's name, and so is one given before a reader could find
    it.
    """
    given = given or Record()
    told = {
        each.name: getattr(given, each.name) or getattr(found, each.name) for each in fields(Record)
    }
    told["title_assigned"] = given.title_assigned
    record = Record(**told)
    if found.title and given.title in ("", stem):
        return replace(record, title=found.title, title_assigned=False)
    return record if record.title else replace(record, title=stem, title_assigned=True)
