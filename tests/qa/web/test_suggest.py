"""Questions that are offered are answered."""

from __future__ import annotations

from qa import Assistant
from qa.web.opening import Loader
from qa.web.shelf import Shelf
from qa.web.suggest import WORDS


def test_suggestions_are_answered_by_the_section_that_they_name(
    loader: Loader, assistant: Assistant
) -> None:
    suggested = Shelf(loader).suggest()
    assert len(suggested) >= 3
    for one in suggested:
        assert one["asked"]
        for words in map(WORDS.__getitem__, one["asked"]):
            answer = assistant.ask(
                words["suggest"].format(heading=one["heading"]), sources=[one["review"]]
            )
            assert answer.status == "answered"
            assert answer.quotes[0].section == one["section"]
