"""First questions to ask: headings of the library that are known to be answered."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import islice, zip_longest
from threading import Lock
from typing import Any

from sources import Review

from ..assistant import Assistant

WORDS: dict[str, dict[str, str]] = json.loads(
    files("qa").joinpath("page", "strings.json").read_text("utf-8")
)
"""The strings of the interface, by language and key."""

TRIED_REVIEWS, TRIED_SECTIONS = 8, 30
"""How much of the library is tried; about 40 ms a section."""

Json = dict[str, Any]


class Suggestions:
    """Remembers what was found for each review, as long as its file is the same."""

    def __init__(self) -> None:
        self._found: dict[Review, list[Json]] = {}
        self._lock = Lock()

    def of(self, assistant: Assistant) -> list[Json]:
        """Return what to ask the library as it is now, its reviews taking turns."""
        with self._lock:
            tried = list(islice(assistant.library.reviews.values(), TRIED_REVIEWS))
            self._found = {
                review: (
                    self._found[review]
                    if review in self._found
                    else good_headings(assistant, review)
                )
                for review in tried
            }
            turns = zip_longest(*self._found.values())
            return [one for turn in turns for one in turn if one]


def good_headings(assistant: Assistant, review: Review) -> list[Json]:
    """Return the headings that find their own section, with the interface languages they do in."""
    found = []
    for section, part in enumerate(review.sections[:TRIED_SECTIONS]):
        heading = review.section_title(section)
        if part.role == "body" and heading:
            answers = {
                language: assistant.ask(
                    words["suggest"].replace("{heading}", heading), sources=[review.id], k=1
                )
                for language, words in WORDS.items()
            }
            asked = [
                language
                for language, answer in answers.items()
                if answer.quotes and answer.quotes[0].section == section
            ]
            if asked:
                told = {
                    "heading": heading,
                    "lang": review.language,
                    "review": review.id,
                    "section": section,
                    "asked": asked,
                }
                found.append((max(answer.confidence for answer in answers.values()), told))
    return [told for _, told in sorted(found, key=lambda each: -each[0])]
