"""Questions in, quotes out: assistant, answers, citations, receipts, evaluation."""

from .answer import Answer, Quote, Receipt
from .assistant import Assistant
from .cites import Citing
from .errors import AnswerError, QuestionError
from .verify import Verdict, Verifier

__all__ = [
    "Answer",
    "AnswerError",
    "Assistant",
    "Citing",
    "QuestionError",
    "Quote",
    "Receipt",
    "Verdict",
    "Verifier",
]
