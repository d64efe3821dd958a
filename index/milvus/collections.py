"""What a library keeps in Milvus: passages, sentences, and a note of what they are of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import EngineError
from .connection import Connection, MissingError, data_type, empty_index_params, empty_schema

FORMAT = 1
"""Of the collections: raise it with any change to their fields or to what these hold."""
KINDS = ("passage", "sentence")
GRAPH = {"M": 16, "efConstruction": 200}
DEPTH = 2
"""Vectors of the graph that are looked at for each that is wanted (`ef`)."""
OLDEST = (2, 4)
"""The first Milvus with sparse vectors, and with two vectors in a row."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the collections are of: the change they were brought to, the last ids that are in."""

    format: int
    library: str
    model: str
    change: int
    generation: str
    passage: int
    sentence: int

    def seen(self, kind: str, last: int) -> Manifest:
        """Return this note with another last id of passages or sentences."""
        return replace(self, passage=last) if kind == "passage" else replace(self, sentence=last)


def name_of(library: str, part: str) -> str:
    """Return the name of a library's collection: each library has its own."""
    return f"yuanwen_{library[:16]}_{part}"


def read_manifest(connection: Connection, library: str) -> Manifest | None:
    """Return the note that a library left, None if there is none.

    Raises EngineError for one of a format that this program does not write.
    """
    name = name_of(library, "manifest")
    try:
        rows = connection.read(
            "query", name, ids=[0], output_fields=["told"], consistency_level="Strong"
        )
    except MissingError:
        return None
    if not rows:
        return None
    try:
        manifest = Manifest(**json.loads(rows[0]["told"]))
    except (ValueError, TypeError):
        manifest = None
    if manifest is None or manifest.format != FORMAT:
        raise EngineError(
            f"{connection.uri} {name}: 由另一版本写成，请用配套版本，或运行 `yuanwen check --repair` 重建 / "
            "written by another version; use that one, or run `yuanwen check --repair` to make it anew"
        )
    return manifest


def write_manifest(connection: Connection, manifest: Manifest) -> None:
    """Note what the collections are of, in place of what was noted before."""
    row = {"id": 0, "told": json.dumps(asdict(manifest)), "vector": [0.0, 1.0]}
    connection.write("upsert", name_of(manifest.library, "manifest"), [row])


def create(connection: Connection, library: str, dimensions: Mapping[str, int]) -> None:
    """Make the collections of a library, empty, in place of any there were.

    The note goes first and comes last, so that a stop on the way leaves none.
    """
    told = str(connection.read("get_server_version"))
    version = re.match(r"v?(\d+)\.(\d+)", told)  # milvus-lite tells its own, another way
    if version and (int(version[1]), int(version[2])) < OLDEST:
        raise EngineError(
            f"{connection.uri}: Milvus {told} 太旧，需要 2.4 以上 / is too old; 2.4 or newer is needed"
        )
    drop(connection, library)
    for kind, dimension in dimensions.items():
        _create(connection, name_of(library, kind), kind, dimension)
    _create(connection, name_of(library, "manifest"), "manifest", 2)


def _create(connection: Connection, name: str, kind: str, dimension: int) -> None:
    schema, indexes = empty_schema(), empty_index_params()
    schema.add_field("id", data_type("INT64"), is_primary=True)
    schema.add_field("vector", data_type("FLOAT_VECTOR"), dim=dimension)
    # Named, so that it is the same whatever a server takes for the best (AUTOINDEX).
    indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=GRAPH)
    if kind == "manifest":
        schema.add_field("told", data_type("VARCHAR"), max_length=2000)
    else:
        schema.add_field("review", data_type("INT64"))
    if kind == "sentence":
        schema.add_field("length", data_type("INT64"))
        schema.add_field("terms", data_type("SPARSE_FLOAT_VECTOR"))
        indexes.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    # Strong: what was written or deleted counts at once for whoever asks after that.
    connection.write(
        "create_collection",
        name,
        schema=schema,
        index_params=indexes,
        consistency_level="Strong",
    )


def drop(connection: Connection, library: str) -> None:
    """Take a library's collections away; those that are not there do not matter."""
    for part in ("manifest", *KINDS):
        connection.write("drop_collection", name_of(library, part))


def has_all(connection: Connection, library: str) -> bool:
    """Tell whether a library's collections are there."""
    return all(connection.read("has_collection", name_of(library, kind)) for kind in KINDS)


def count(connection: Connection, library: str, kind: str) -> int:
    """Return how many rows a collection has."""
    (row,) = connection.read(
        "query",
        name_of(library, kind),
        filter="",
        output_fields=["count(*)"],
        consistency_level="Strong",
    )
    return int(row["count(*)"])


def wake(connection: Connection, library: str) -> None:
    """Make the note ready to be read, if there is one: a server that has started may not be."""
    name = name_of(library, "manifest")
    if connection.read("has_collection", name):
        connection.write("load_collection", name)


def load(connection: Connection, library: str, languages: Iterable[str]) -> None:
    """Make the collections ready for search, with a partition for each language."""
    for kind in KINDS:
        name = name_of(library, kind)
        held = set(connection.read("list_partitions", name))
        for language in set(languages) - held:
            connection.write("create_partition", name, language)
        connection.write("load_collection", name)


def search(
    connection: Connection,
    name: str,
    field: str,
    vector: Any,
    k: int,
    reviews: Iterable[int] | None = None,
    **named: Any,
) -> list[dict[str, Any]]:
    """Return the `k` rows nearest by inner product, best first, of some reviews or of all."""
    dense = field == "vector"
    if reviews is not None:
        named["filter"] = f"review in {sorted(reviews)}"
    (found,) = connection.read(
        "search",
        name,
        **{"data": [vector], "anns_field": field, "limit": k, **named},
        search_params={"metric_type": "IP", "params": {"ef": DEPTH * k} if dense else {}},
        consistency_level="Strong",
    )
    return list(found)
