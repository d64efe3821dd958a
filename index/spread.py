"""Files read and encoded on many machines by Ray Data, and written in one place.

The workers read each file where it stands, so the folder must be at the same path on every node.
What they send back is written here, file by file and in the order of a local `add`, which makes
the same library. Ray is only ever joined, never started: it would listen on every network, with
no password.
"""

from __future__ import annotations

import hashlib
import logging
import socket
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sources import REPAIR_VERSION, Item, SourceError, walk

from .encoder import Encoder, default_encoder
from .errors import LibraryError
from .intake import Taken, encode, put, take
from .places import absolute, place_of
from .progress import Gauge, Progress

if TYPE_CHECKING:
    from .library import Library, Report
    from .rows import Encoded

REACHING = 10
"""Seconds to wait for the address to answer."""
FILES_AT_A_TIME = 4
"""Files that a worker takes at once, so that what is read ahead stays small."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a worker made of a file: `fault` tells why it is nothing."""

    sha256: str
    repair: int
    encoded: Encoded | None
    fault: str | None


def add_spread(
    library: Library,
    paths: Iterable[Path],
    address: str,
    progress: Progress | None = None,
    report: Report | None = None,
    make_encoder: Callable[[], Encoder] = default_encoder,
) -> list[Taken]:
    """Add files and folders as `Library.add` does, reading and encoding them on a Ray cluster.

    `address` is that of a cluster that runs (`host:6379`); `make_encoder` makes, on each worker,
    the encoder that the library has. Raises LibraryError where the cluster cannot be joined, or
    its workers have another version or model; what was added before stays.
    """
    library.demand_current()
    paths = [Path(absolute(path)) for path in paths]
    gauge = Gauge.over(paths, progress)
    wanted = list(_new(library, paths))
    taken: list[Taken] = []
    with _joined(address) as ray, closing(_encoded(ray, wanted, make_encoder)) as coming:
        sent = {each["sha256"] for each in wanted}
        for found in walk(paths):
            sha256 = hashlib.sha256(found.data).hexdigest() if isinstance(found, Item) else ""
            done = None
            if sha256 in sent:
                sent.remove(sha256)
                done = next((each for each in coming if each.sha256 == sha256), None)
            if isinstance(found, Item) and done is not None:
                taken.append(_put(library, found, done, gauge))
            else:  # held already, not to be read, or changed since it was sent
                taken.append(take(found, library.store, library.encoder, gauge))
            if report:
                report(taken[-1])
    return taken


def _new(library: Library, paths: Iterable[Path]) -> Iterator[dict[str, str]]:
    """Yield each content that the library does not hold, once: its file, its place in that, hash."""
    seen: set[str] = set()
    for found in walk(paths):
        if isinstance(found, Item):
            sha256 = hashlib.sha256(found.data).hexdigest()
            if sha256 not in seen and library.store.holding(sha256) is None:
                seen.add(sha256)
                whole = (found.path, *found.path.parents)
                file = next(path for path in whole if path.is_file())
                yield {"file": str(file), "path": str(found.path), "sha256": sha256}


def _put(library: Library, item: Item, done: _Done, gauge: Gauge) -> Taken:
    """Write what a worker made of a file."""
    gauge.begin(item.path.name)
    try:
        if done.encoded is None:
            return Taken("failed", absolute(item.path), fault=done.fault)
        made = (done.encoded.model, done.repair)
        if made != (library.encoder.fingerprint, REPAIR_VERSION):
            raise LibraryError(
                f"Ray: 节点上的版本或模型不同（{made[0]}），请在每个节点装同一版本 / the nodes have another version "
                "or model; install the same one on every node"
            )
        return put(library.store, done.encoded, place_of(item.path, item.data))
    finally:
        gauge.finish(len(item.data))


class _Worker:
    """Reads and encodes files, one after the other, on some machine."""

    def __init__(self, make_encoder: Callable[[], Encoder]) -> None:
        self.encoder = make_encoder()

    def __call__(self, row: dict[str, str]) -> dict[str, _Done]:
        return {"done": self._done(row)}

    def _done(self, row: dict[str, str]) -> _Done:
        sha256, fault = row["sha256"], None
        for found in walk([Path(row["file"])]):
            if isinstance(found, SourceError):
                fault = str(found)
            elif hashlib.sha256(found.data).hexdigest() == sha256:
                try:
                    gauge = Gauge(None, 1, len(found.data))
                    encoded = encode(found.read(), found.data, self.encoder, gauge)
                except SourceError as error:
                    return _Done(sha256, REPAIR_VERSION, None, str(error))
                return _Done(sha256, REPAIR_VERSION, encoded, None)
        fault = fault or (
            f"{row['path']}: 节点 {socket.gethostname()} 上没有这个文件，各节点须能以同一路径读到 / is not there on a "
            "node of the cluster; every node must see it at this path"
        )
        return _Done(sha256, REPAIR_VERSION, None, fault)


def _encoded(
    ray: Any, wanted: list[dict[str, str]], make_encoder: Callable[[], Encoder]
) -> Generator[_Done, None, None]:
    """Yield what the workers make of the files, in their order."""
    if not wanted:
        return
    import ray.data as data

    cpus, workers = _share([int(node["Resources"].get("CPU", 0)) for node in _nodes(ray)])
    context = data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    rows = data.from_items(wanted, override_num_blocks=-(-len(wanted) // FILES_AT_A_TIME))
    worker: Any = _Worker  # a class that is called is a function to Ray, not to its types
    made = rows.map(
        worker,
        fn_constructor_args=(make_encoder,),
        num_cpus=cpus,
        compute=data.ActorPoolStrategy(min_size=1, max_size=workers),
    )
    for row in made.iter_rows():
        yield row["done"]


def _nodes(ray: Any) -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _share(nodes: list[int]) -> tuple[int, int]:
    """Return how many processors a worker gets, and how many workers there are.

    One processor of each node is left to Ray's own tasks, without which nothing would move.
    """
    spare = [cpus - 1 for cpus in nodes if cpus > 1]
    if not spare:
        raise LibraryError(
            "Ray: 每个节点至少要有两个 CPU，一个留给 Ray / every node needs two CPUs at least, one of them for Ray"
        )
    return min(spare), sum(cpus // min(spare) for cpus in spare)


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    """Join a cluster that runs, and leave it at the end."""
    try:
        import ray
    except ImportError:
        raise LibraryError(
            "ray: 没有安装，请运行 pip install 'yuanwen[ray]' / not installed; run pip install 'yuanwen[ray]'"
        ) from None
    cure = (
        "请检查 --ray 的地址，应如 host:6379 / check the address of --ray; it looks like host:6379"
    )
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), REACHING).close()
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or ["?"])[0]
        raise LibraryError(f"{address}: 连不上 Ray（{reason}），{cure}") from None
    try:
        yield ray
    except ray.exceptions.RayError as error:
        reason = (str(error).splitlines() or ["?"])[-1]
        raise LibraryError(
            f"{address}: Ray 没有做完（{reason}），已添加的保留，请再运行一次 / Ray did not finish; what was added "
            "stays, run it again"
        ) from None
    finally:
        ray.shutdown()
