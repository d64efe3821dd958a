"""The commands that put reviews on the shelf, take them off and look after them."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from index import Library, LibraryError, Taken
from index.contents import Summary
from index.engine import Engine
from index.progress import Progress
from index.spread import add_spread

from .assistant import open_library
from .engines import engine_named

FIELDS = {
    "title": "题名 / title",
    "authors": "作者，以分号隔开 / authors, semicolons between them",
    "journal": "刊名 / journal",
    "year": "年份 / year",
    "volume": "卷 / volume",
    "issue": "期 / issue",
    "pages": "页码 / pages",
    "doi": "DOI",
    "language": "语言：zh 或 en / language: zh or en",
}
_SAID = {
    "added": "",
    "replaced": "  已更新/replaced",
    "named": "  内容已在库中，记下又一处 / held already, now known by this place too",
    "removed": "  已移除/removed",
}
STOPPED = 130


@contextmanager
def bar() -> Iterator[Progress]:
    """Show a progress bar from the first report on: which file, how much, how fast, how long."""
    from tqdm import tqdm

    with ExitStack() as stack:
        shown: tqdm[Any] | None = None

        def report(name: str, done: int, total: int) -> None:
            nonlocal shown
            if shown is None:
                made = tqdm(total=total, unit="B", unit_scale=True, leave=False, disable=None)
                shown = stack.enter_context(made)
            shown.total = total
            shown.set_description(name, refresh=False)
            shown.update(done - shown.n)

        yield report


def filled(options: argparse.Namespace) -> Library:
    """Open the library that the options name, the default one with the bundled reviews."""
    with bar() as progress:
        return open_library(options.library, progress=progress, engine=engine_of(options))


def engine_of(options: argparse.Namespace) -> Engine | None:
    """Return the search engine that the options name, None for the embedded one."""
    return engine_named(options.engine, options.uri)


def sources(options: argparse.Namespace) -> int:
    library = filled(options)
    for review in library.store.summaries():
        places = library.places(review.id)
        if options.json:
            print(json.dumps(_told_of(library, review, places), ensure_ascii=False))
        else:
            print(f"{review.id}\n  《{review.record.title}》 {review.language}  {review.place}")
            print(*(f"  = {place}\n" for place in places[1:]), sep="", end="")
            print(
                f"  {review.sections} 节/sections  {review.passages} 段/passages"
                f"  {review.sentences} 句/sentences  {review.references} 条文献/references"
                f"  {review.aside} 处剔除/set aside\n  sha256 {review.sha256}"
            )
    return 0


def _told_of(library: Library, review: Summary, places: Sequence[str]) -> dict[str, Any]:
    """Return all that is told of a review; it is read for what was set aside."""
    whole = library.reviews[review.id]
    return {
        "id": review.id,
        "title": review.record.title,
        "title_assigned": review.record.title_assigned,
        "language": review.language,
        "file": review.place,
        "files": places,
        "sha256": review.sha256,
        "sections": review.sections,
        "passages": review.passages,
        "sentences": review.sentences,
        "references": review.references,
        "set_aside": [
            {"reason": aside.reason, "text": whole.raw[aside.raw_start : aside.raw_end]}
            for aside in whole.set_aside
        ],
    }


def add(options: argparse.Namespace) -> int:
    told = _told(options)
    if told and (len(options.paths) != 1 or options.paths[0].is_dir()):
        raise LibraryError(
            f"{', '.join(told)}: 只能与一个文件同用，其余请用 `yuanwen describe` / these go with one file only; "
            "use `yuanwen describe` for others"
        )
    library = filled(options)

    def work(progress: Progress, report: Callable[[Taken], object]) -> None:
        add = partial(add_spread, library, address=options.ray) if options.ray else library.add
        for taken in add(options.paths, progress=progress, report=report):
            if told and taken.review:
                library.describe(taken.review, **told)

    return _shelve(library, work)


def sync(options: argparse.Namespace) -> int:
    library = filled(options)
    return _shelve(library, lambda progress, report: library.sync(options.folder, progress, report))


def remove(options: argparse.Namespace) -> int:
    library = filled(options)
    for taken in library.remove(options.names):
        _say(library, taken)
    library.indexes()  # so that no vector and no word of what was removed is left on disk
    return 0


def _shelve(library: Library, work: Callable[[Progress, Callable[[Taken], object]], object]) -> int:
    """Put files into the library and say what became of each; return the exit code."""
    counted: Counter[str] = Counter()

    def report(taken: Taken) -> None:
        counted[taken.what] += 1
        _say(library, taken)

    try:
        with bar() as progress:
            work(progress, report)
        library.indexes()  # so that nobody who asks has to wait for it
    except KeyboardInterrupt:
        done = counted.total() - counted["failed"]
        print(
            f"yuanwen: 已停止，{done} 个文件已处理并保留，其余未动 / stopped; {done} files are done and stay, "
            "the rest is as it was",
            file=sys.stderr,
        )
        return STOPPED
    if counted["unchanged"]:
        print(f"{counted['unchanged']} 个文件未变，已跳过 / files unchanged, skipped")
    if not counted["failed"]:
        return 0
    return 1 if counted.total() > counted["failed"] else 2


def _say(library: Library, taken: Taken) -> None:
    """Print one line of what became of a file; nothing for one that is unchanged."""
    from tqdm import tqdm

    if taken.what == "failed":
        tqdm.write(f"yuanwen: {taken.fault}", file=sys.stderr)
    elif taken.what == "removed":
        tqdm.write(f"{taken.review}  {taken.path}{_SAID['removed']}", file=sys.stdout)
    elif taken.what != "unchanged" and taken.review:
        title, (passages, _) = library.title(taken.review), library.counts(taken.review)
        said = f"{taken.review}  《{title}》  {passages} 段/passages{_SAID[taken.what]}"
        tqdm.write(said, file=sys.stdout)


def describe(options: argparse.Namespace) -> int:
    library = filled(options)
    library.describe(options.id, **_told(options))
    record = library.reviews[options.id].record
    for field, said in FIELDS.items():
        value = getattr(record, field)
        if value:
            print(f"{said.split('，')[0]}: {'; '.join(value) if field == 'authors' else value}")
    return 0


def _told(options: argparse.Namespace) -> dict[str, str]:
    given = {field: getattr(options, field) for field in FIELDS}
    return {field: value for field, value in given.items() if value is not None}


def rebuild(options: argparse.Namespace) -> int:
    library = filled(options)
    with bar() as progress:
        renewed = library.rebuild(progress)
    library.indexes()
    current = len(library.reviews) - len(renewed)
    print(
        f"{len(renewed)} 篇重建，{current} 篇本已是新的，已跳过 / made anew; {current} were current, skipped"
    )
    return 0


def check(options: argparse.Namespace) -> int:
    library = filled(options)
    with bar() as progress:
        faults = library.repair(progress) if options.repair else library.check(progress)
    for fault in faults:
        print(fault.told)
    if not faults:
        print("文献库完好 / the library is whole")
    return 1 if faults else 0
