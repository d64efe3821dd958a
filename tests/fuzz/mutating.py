"""Documents changed at random, by a seed: bits, cuts, splices, tokens, and the parts of archives."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Sequence

TOKENS: dict[str, Sequence[bytes]] = {
    ".pdf": (
        *(b"endobj", b"endstream", b"stream\n", b"xref\n", b"trailer", b"startxref\n-1", b"%%EOF"),
        *(b"/Kids [1 0 R]", b"/Parent 1 0 R", b"/Length 999999999", b"/Count -1", b"<<", b">>"),
        *(
            b"/MediaBox [0 0 1e38 -1e38]",
            b"/Filter /FlateDecode",
            b"/ToUnicode 1 0 R",
            b"Tj",
            b"BT",
        ),
        *(b"1e400 0 0 1 0 0 Tm", b"/W [0 65535 -1]", b"/Encrypt 1 0 R", b"<FFFFFFFF>", b"BI ID EI"),
    ),
    ".xml": (
        *(b"<sec>", b"</sec>", b"<p>", b"</p>", b"<title>", b"<xref rid='x'>", b"<ref id='x'>"),
        *(
            b"<!ENTITY a 'b'>",
            b"&a;",
            b"&#0;",
            b"&#x110000;",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
            b"-->",
        ),
        *(b"<table>", b"<td colspan='-1'>", b"<sup>", b"<article>", b"\xff\xfe", b"<?xml"),
    ),
    ".html": (
        *(
            b"<table>",
            b"<tr>",
            b"<td rowspan=99999999>",
            b"<sup>",
            b"<h1>",
            b"<h9>",
            b"<ol start=-9>",
        ),
        *(
            b"<script>",
            b"<!--",
            b"-->",
            b"&#xD800;",
            b"&bogus;",
            b"<meta charset=utf-7>",
            b"<p hidden>",
        ),
        *(b"<div>" * 300, b"</body>", b"<svg>", b"<template>", b"<base href=x>", b"\x00"),
    ),
    ".txt": (
        *(
            b"[1-99999999]",
            b"[1,2,3",
            "［１］".encode(),
            "。".encode(),
            b"\n\n",
            b"\r",
            b"\x0c",
            b"\xff",
        ),
        *(b"1.1.1.1.1 ", "参考文献\n".encode(), b"References\n", b"(Smith et al., 2019)", b"\x00"),
        *("研 究".encode(), b"-\n", "\u202e".encode(), "𠮷".encode(), b"....." * 50, b"\xf0\x9f"),
    ),
}
TOKENS[".md"] = (
    *TOKENS[".txt"],
    b"# ",
    b"######## ",
    b"```",
    b"|a|b|\n|-|-|\n",
    b"![](x)",
    b"---\n",
)
_MARKUP = TOKENS[".xml"] + TOKENS[".html"]  # type: ignore[operator]  # both are tuples
TOKENS[".docx"] = (*_MARKUP, b"<w:p>", b"</w:p>", b"<w:t>", b"<w:numId w:val='-1'/>", b"<w:tbl>")
TOKENS[".epub"] = (*_MARKUP, b"<itemref idref='x'/>", b"href='../../etc/passwd'", b"full-path=''")


def mutated(data: bytes, others: Sequence[bytes], kind: str, chance: random.Random) -> bytes:
    """Return a document with one to four changes; half of an archive's are within its parts."""
    is_text = kind in (".txt", ".md", ".html", ".xml") and chance.random() < 0.8
    for _ in range(chance.choice((1, 1, 2, 4))):
        if data.startswith(b"PK") and chance.random() < 0.7:
            data = _in_a_part(data, kind, chance)
        else:
            data = _bytes(data, others, TOKENS[kind], chance)
    return data.decode("utf-8", "ignore").encode() if is_text else data


def _bytes(
    data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random
) -> bytes:
    is_markup = data[:1] == b"<"
    at, until = sorted(_place(data, is_markup, chance) for _ in range(2))
    until = min(until, at + chance.choice((1, 8, 64, 4096, len(data))))
    what = chance.randrange(7)
    if what == 0:  # a few bits
        changed = bytearray(data)
        for _ in range(chance.choice((1, 4, 32)) if data else 0):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if what == 1:  # cut short
        return data[:at]
    if what == 2:  # a piece gone
        return data[:at] + data[until:]
    if what == 3:  # a piece again and again
        return data[:until] + (data[at:until] * chance.choice((1, 3, 50)))[: 2**18] + data[until:]
    if what == 4:  # a piece of another document
        other = chance.choice(others)
        first, last = sorted(chance.randrange(len(other) + 1) for _ in range(2))
        return data[:at] + other[first:last] + data[until:]
    if what == 5:  # what its format is made of, in the wrong place
        return data[:at] + chance.choice(tokens) * chance.choice((1, 1, 20)) + data[until:]
    filler = bytes([chance.randrange(256)]) * min(until - at, 4096)
    return data[:at] + filler + data[until:]


def _place(data: bytes, is_markup: bool, chance: random.Random) -> int:
    """Return an offset, in most of markup where a tag begins, so that much of it stays readable."""
    at = chance.randrange(len(data) + 1)
    return max(data.find(b"<", at), at) if is_markup and chance.random() < 0.7 else at


def _in_a_part(data: bytes, kind: str, chance: random.Random) -> bytes:
    """Change the members of an archive and pack them again; as it was if it cannot be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        RuntimeError,
        OSError,
    ):
        return data
    if not parts:
        return data
    at = chance.randrange(len(parts))
    name, own = parts[at]
    what = chance.randrange(6)
    if what < 3:
        parts[at] = name, _bytes(own, [part for _, part in parts], TOKENS[kind], chance)
    elif what == 3:
        del parts[at]
    elif what == 4:
        parts[at] = chance.choice(parts)[0], own
    else:
        parts[at] = name + chance.choice(("x", "/../x", "\x00", "/")), own
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as to:
        for each, content in parts:
            to.writestr(each, content)
    return out.getvalue()
