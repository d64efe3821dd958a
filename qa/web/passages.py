"""A passage opened by its receipt, in its surroundings: what follows an answer in the API."""

from __future__ import annotations

from sources import Review, Span

from ..answer import Quote
from ..errors import AnswerError
from .reader import block_at, blocks
from .shapes import Opened, Paragraph, Section, Source

MAX_AROUND = 20


def open_passage(review: Review, raw_start: int, raw_end: int, around: int = 2) -> Opened:
    """Return the passage of a receipt with up to `around` headings and paragraphs on either side.

    Raises AnswerError where the review has no text at exactly these raw characters.
    """
    span = review.alignment.text_span(raw_start, raw_end)
    section = span and review.section_at(span[0])
    if span is None or section is None:
        raise AnswerError(
            f"{review.id}: 凭据所指的位置没有正文 / there is no text where the receipt points; "
            "take raw_start and raw_end from a quote's receipt"
        )
    told = Quote(Span(review, *span), (Span(review, *span),), section, 0.0).as_dict()
    here, most = block_at(review, span[0]), min(max(around, 0), MAX_AROUND)
    shown = blocks(review)[max(here - most, 0) : here + most + 1]
    return Opened(
        source=Source(**told["source"]),
        section=Section(**told["section"]),
        passage=told["text"],
        around=[_paragraph(Span(review, start, end), level) for start, end, level in shown],
    )


def _paragraph(span: Span, level: int) -> Paragraph:
    return Paragraph(heading=level, text=span.text, raw_start=span.raw_start, raw_end=span.raw_end)
