"""Fonts for the PDFs that the tests make: parts of Noto CJK, which holds Chinese, Latin and Greek."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

_FOLDER = Path("/usr/share/fonts/opentype/noto")
_SIMPLIFIED = "Noto Sans CJK SC"
_LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x391, 0x3CA)]))
_OTHERS = "ﬀﬁﬂﬃﬄ–—‘’“”·•…≥≤±×†‡，。、；：？！（）《》【】［］％　"


@cache
def cjk(bold: bool) -> Path:
    """Return an OpenType font with the characters of made-up reviews; skips where there is none."""
    file = _FOLDER / f"NotoSansCJK-{'Bold' if bold else 'Regular'}.ttc"
    if not file.exists():
        pytest.skip("needs the fonts of Debian's fonts-noto-cjk")
    written = [each.read_text("utf-8") for each in Path(__file__).parent.glob("*.py")]
    fonts = TTCollection(file, lazy=True).fonts
    font = next(each for each in fonts if each["name"].getDebugName(1) == _SIMPLIFIED)
    options = Options()
    options.layout_features = []
    cut = Subsetter(options)
    cut.populate(text="".join(written) + _LATIN + _OTHERS)
    cut.subset(font)
    made = Path(mkdtemp()) / f"noto-{'bold' if bold else 'regular'}.otf"
    atexit.register(shutil.rmtree, made.parent)
    font.save(made)
    return made
