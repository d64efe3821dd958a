"""The routes that change the library, besides sending files, and who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request

from ..doors.audit import Audit
from .arrival import Visitor, visitor
from .opening import Loaders
from .shelf import Shelf

MAX_FILE = 50_000_000
"""Bytes of the largest file that can be sent to the library."""

Json = dict[str, Any]


def changing_routes(loaders: Loaders, audit: Audit) -> APIRouter:
    """Return the routes of an admin: take a review out, say what is known of it."""
    router = APIRouter(include_in_schema=False)

    @router.post("/library/remove")
    def remove(request: Request, asked: Json) -> Json:
        return noted(request, "remove", asked, shelf(request).remove(asked))

    @router.post("/library/describe")
    def describe(request: Request, asked: Json) -> Json:
        return noted(request, "describe", asked, shelf(request).describe(asked))

    def shelf(request: Request) -> Shelf:
        return Shelf(loaders.of(visitor(request)))

    def noted(request: Request, what: str, asked: Json, outcome: Json) -> Json:
        fields = {"told": asked["told"]} if what == "describe" and "error" not in outcome else {}
        _note(audit, visitor(request), what, outcome, review=asked.get("review"), **fields)
        return outcome

    @router.get("/visitor")
    async def who(request: Request) -> Json:
        """Say who is asking: what the page shows depends on it."""
        told = visitor(request)
        return {"name": told.name, "admin": told.admin, "session": told.session, "wait": told.wait}

    return router


def note_outcomes(audit: Audit, who: Visitor, name: str, steps: Iterator[Json]) -> Iterator[Json]:
    """Pass on the steps of adding a file, and write down what became of it."""
    for step in steps:
        for outcome in step.get("taken", [step] if "error" in step else []):
            _note(audit, who, "add", outcome, file=name)
        yield step


def _note(audit: Audit, who: Visitor, what: str, outcome: Json, **more: object) -> None:
    became = "failed" if "error" in outcome else "held" if "held" in outcome else "done"
    if became == "failed":
        more["why"] = outcome["error"].get("text") or outcome["error"].get("told")
    elif what == "add":
        more["review"] = (outcome.get("added") or outcome["held"])["id"]
    audit.note(who.name, what, outcome=became, address=who.address, **more)
