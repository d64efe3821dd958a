"""The shapes of the HTTP API, as `docs/json.md` describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from ..assistant import MAX_QUESTION, MAX_QUOTES


class Ask(BaseModel):
    """A question to the library."""

    question: str = Field(
        description=f"{MAX_QUESTION} characters at most",
        examples=["维生素K缺乏为什么会导致骨丢失？"],
    )
    history: list[str] = Field(
        default=[], description="the questions asked before, oldest first, for a follow-up"
    )
    sources: list[str] | None = Field(
        default=None, description="ids of the reviews to ask; all of them if null"
    )
    k: int = Field(default=3, description=f"quotes at most; 1 to {MAX_QUOTES}")


class Highlight(BaseModel):
    """`[start, end)` in the characters (code points) of the quote's `text`."""

    start: int
    end: int


class Source(BaseModel):
    """The review a quote is from."""

    id: str
    title: str
    file: str
    sha256: str


class Section(BaseModel):
    """The heading a quote stands under; `path` leads down to it from the top of the outline."""

    number: str | None
    title: str | None
    path: list[str]


class Location(BaseModel):
    """Where a passage stands in its file: characters as decoded; lines and pages from 1."""

    raw_start: int
    raw_end: int
    line_start: int
    line_end: int
    page: int | None
    page_label: str | None = Field(description="the number printed on that page")


class Reference(BaseModel):
    """A marker with the entry of the review's own reference list; null where it has none."""

    marker: int | str = Field(description="a number, or names and a year as they stand")
    text: str | None
    csl: dict[str, Any] = Field(
        default={},
        exclude_if=lambda csl: not csl,
        description="the entry as CSL-JSON, as far as it reads; left out where it does not",
    )


class Receipt(BaseModel):
    """What lets anyone replay a quote: `yuanwen verify`."""

    sha256: str
    raw_start: int
    raw_end: int
    text_sha256: str
    repair: int


class Quote(BaseModel):
    """A passage, word for word, with the sentences that answer highlighted."""

    text: str
    highlight: str
    highlights: list[Highlight]
    source: Source
    section: Section
    location: Location
    markers: list[int | str]
    references: list[Reference]
    score: float
    receipt: Receipt


class Answer(BaseModel):
    """Quotes that answer, or none and the nearest that do not."""

    id: str | None
    question: str
    status: Literal["answered", "not_found"]
    confidence: float = Field(
        description="0 to 1: the probability that the first quote answers the question"
    )
    quotes: list[Quote]
    nearest: list[Quote] = Field(description="the closest quotes when nothing answers")
    read_as: str = Field(description="the question as understood")


class Listed(BaseModel):
    """A review of the library."""

    id: str
    title: str
    title_assigned: bool = Field(description="the title was given, not read off the file")
    language: str
    file: str
    sha256: str
    added: str = Field(description="when it was added, UTC")
    sections: int
    passages: int
    sentences: int
    references: int
    set_aside: int = Field(description="places left out of the text, such as running headers")


Status = Literal["loading", "ready", "failed"]


class Health(BaseModel):
    """Whether questions are answered yet; `detail` says how far it is, or what failed."""

    status: Status
    detail: str = ""


class Paragraph(BaseModel):
    """A paragraph or heading around a passage; `heading` is its depth in the outline, 0 for prose."""

    heading: int
    text: str
    raw_start: int
    raw_end: int


class Opened(BaseModel):
    """A passage in its surroundings."""

    source: Source
    section: Section
    passage: str
    around: list[Paragraph]


class Problem(BaseModel):
    """What is wrong and what helps, in one line: Chinese / English."""

    error: str
