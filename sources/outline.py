"""From the blocks that a reader knows to the parts of a document."""

from __future__ import annotations

from collections.abc import Sequence

from .characters import usual_form
from .extract import Block
from .headings import Heading, Headings, Role
from .lines import Line
from .parts import Paragraph, Part, Sort

_SORTS: dict[str, Sort] = {"caption": "caption", "table": "table"}


def parts_of_blocks(raw: str, blocks: Sequence[Block]) -> list[Part]:
    """Sort blocks into parts; footnotes and furniture are in none.

    A block's own role decides where it belongs; else the heading above it does.
    """
    parts: list[Part] = []
    headings = Headings()
    for block in blocks:
        if block.kind in ("footnote", "furniture", "hidden"):
            continue
        lines = [_line(raw, piece) for piece in block.pieces]
        if block.kind == "heading" or _reads_as_heading(headings, block, lines):
            parts.append(_headed(headings, block, lines))
            continue
        label = None
        if block.kind in ("front", "paragraph") and not block.role:
            label = headings.label(lines[0])
        if label:
            parts.append(Part.headed(label, lines[0]))
            rest = (lines[0].start + label.end, lines[0].end)
            pieces = [rest, *block.pieces[1:]]
        else:
            role = _role(block, parts[-1] if parts else None)
            if role is not None:
                parts.append(Part(None, role))
            pieces = list(block.pieces)
        pieces = [(start, end) for start, end in pieces if start < end]
        if pieces:
            parts[-1].paragraphs.append(Paragraph(pieces, _SORTS.get(block.kind, "prose")))
    return parts


def _reads_as_heading(headings: Headings, block: Block, lines: Sequence[Line]) -> bool:
    """Tell whether a paragraph is nothing but a usual heading, though it is not set as one."""
    if block.kind != "paragraph" or len(lines) > 1:
        return False
    found = headings.named(lines[0])
    return found is not None and found.end == len(lines[0].folded)


def _role(block: Block, part: Part | None) -> Role | None:
    """Return the role of the part without heading that a block opens, or None if it opens none."""
    wanted: Role | None = block.role
    if wanted is None and block.kind in ("front", "entry"):
        wanted = "front" if block.kind == "front" else "references"
    if part is None:
        return wanted or "body"
    if wanted is not None:
        return None if wanted == part.role else wanted
    if part.role == "references":
        return "body" if block.kind in ("caption", "table") else None
    ended = part.role == "front" or (part.role == "keywords" and bool(part.paragraphs))
    return "body" if ended else None


def _headed(headings: Headings, block: Block, lines: Sequence[Line]) -> Part:
    """Begin a part with a heading, its number apart from its title."""
    first, start = lines[0], lines[0].start
    heading = headings.of("".join(line.folded + " " for line in lines).rstrip(), block.level)
    if block.role:
        heading = Heading(heading.level, heading.number, block.role, heading.title, heading.end)
    title = start + heading.title if heading.title < len(first.folded) else start
    number = (start, title)
    pieces = [(title, first.end), *block.pieces[1:]]
    return Part(heading, heading.role, None, [number], pieces)


def _line(raw: str, piece: tuple[int, int]) -> Line:
    start, end = piece
    return Line(start, end, "".join(map(usual_form, raw[start:end])), 0, 0, False)
