"""Add a folder on a Ray cluster of two nodes and locally, and say whether it is the same library.

Run where nothing but this machine can be reached: `unshare -rn python -m tests.index.spreading
FOLDER [real]` (Ray listens on every network it sees).
"""

from __future__ import annotations

import fcntl
import socket
import sqlite3
import struct
import sys
import time
import zipfile
from pathlib import Path

from index import Library, LibraryError, default_encoder
from index.library import DATABASE
from index.spread import add_spread

from ..hashed import Hashed, write

TABLES = {
    "review": "number, id, sha256, model, repair, record, told",
    "content": "*",
    "place": "*",
    "passage": "*",
    "sentence": "*",
    "token": "*",
    "total": "*",
}


def raise_loopback() -> None:
    """Switch on `lo`, the only network of a new namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def texts(folder: Path) -> Path:
    """Write files as people have them: in folders and archives, twice, empty, not text."""
    for number in range(12):
        write(
            folder,
            f"{number % 3}/{number}.txt",
            f"第{number}篇：瘦素保护骨量。\n\nWine {number} harms bone.",
        )
    write(folder, "2/again.txt", "第1篇：瘦素保护骨量。\n\nWine 1 harms bone.")
    write(folder, "empty.txt", "")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("inner/a.txt", "骨折多发于老年人。")
        archive.writestr("inner/b.txt", "酒精伤骨。")
    return folder


def contents(library: Library) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(library.folder / DATABASE) as database:
        return {
            table: database.execute(f"SELECT {columns} FROM {table}").fetchall()
            for table, columns in TABLES.items()
        }


def main(folder: Path, real: bool) -> int:
    from ray.cluster_utils import Cluster

    raise_loopback()
    make = default_encoder if real else Hashed
    encoder = make()
    near, far = Library(folder / "near", encoder), Library(folder / "far", encoder)
    try:
        add_spread(far, [folder], "127.0.0.1:9")
    except LibraryError as error:
        print(error)
    files = texts(folder / "texts")
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
    )
    cluster.add_node(num_cpus=2)
    began = time.monotonic()
    first = near.add([files])
    between = time.monotonic()
    second = add_spread(far, [files], cluster.address, make_encoder=make)
    print(f"local {between - began:.1f} s, spread {time.monotonic() - between:.1f} s")
    again = add_spread(far, [files], cluster.address, make_encoder=make)
    cluster.shutdown()
    print([each.what for each in second])
    same = first == second and contents(near) == contents(far) and far.check() == []
    same &= {each.what for each in again} == {"unchanged", "failed"}
    print("the same" if same else "not the same")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), "real" in sys.argv[2:]))
