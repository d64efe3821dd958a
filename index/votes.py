"""What each word of a question counts for in the lexical index, in its language and in the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sources import language

from .glossary import Glossary
from .terms import names, terms

GLOSS_WEIGHT = 4.0
"""Of a word's translations against the word itself; chosen on `benchmarks/questions.jsonl`."""

_GLOSSARY = Glossary()


@dataclass(frozen=True, slots=True)
class Vote:
    """One word of a question: how much it counts, and the ways in which a sentence may put it.

    Each way is the terms it is cut into. The best way counts, by the mean of its terms.
    """

    weight: float
    ways: tuple[tuple[str, ...], ...]


def votes(
    question: str, shares: Mapping[str, float], gloss_weight: float = GLOSS_WEIGHT
) -> list[Vote]:
    """Weigh the words of a question by how much of the library could hold them.

    `shares` is the share of the sentences that each language has. A name may stand in any
    sentence. A plain word only speaks for sentences of its own language, and its translations for
    those of the other: left at full weight, the few English words of an abstract would outvote
    the Chinese sentence that answers an English question.
    """
    own = language(question)
    other = "en" if own == "zh" else "zh"
    everywhere = names(question)
    cast = [
        Vote(1.0 if term in everywhere else shares.get(own, 0.0), ((term,),))
        for term in terms(question)
    ]
    share = gloss_weight * shares.get(other, 0.0)
    if share:
        translated = _GLOSSARY.english(question) if own == "zh" else _GLOSSARY.chinese(question)
        for words in translated:
            ways = tuple(cut for word in words if (cut := tuple(terms(word))))
            cast.append(Vote(share, ways))
    return [vote for vote in cast if vote.weight > 0 and vote.ways]
