"""How far a long piece of work is, counted in bytes of the files that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[str, int, int], None]
"""Called with what is being read, the bytes done so far, and how many there are in all."""


@dataclass
class Gauge:
    """Counts files and bytes, and tells a `Progress` of each step."""

    tell: Progress | None
    files: int
    total: int
    file: int = 0
    done: int = 0
    name: str = ""

    @classmethod
    def over(cls, paths: Iterable[Path], tell: Progress | None) -> Gauge:
        """Measure the files at some paths, those in folders too."""
        sizes = []
        for path in paths:
            inside = path.rglob("*") if path.is_dir() else [path]
            sizes += [file.stat().st_size for file in inside if file.is_file()]
        return cls(tell, len(sizes), sum(sizes))

    def begin(self, name: str) -> None:
        """Say which file comes next."""
        self.file += 1
        self.name = f"{self.file}/{max(self.file, self.files)} {name}"
        self._report(self.done)

    def within(self, size: int, texts: int) -> Callable[[int], None]:
        """Return what counts the texts done of a file; it moves on evenly over its bytes."""
        seen = 0

        def advance(count: int) -> None:
            nonlocal seen
            seen += count
            self._report(self.done + size * seen // max(texts, 1))

        return advance

    def finish(self, size: int) -> None:
        """Say that a file is done."""
        self.done += size
        self._report(self.done)

    def _report(self, done: int) -> None:
        if self.tell:
            self.tell(self.name, done, max(done, self.total))
