"""With Milvus (milvus-lite, in a file) the library finds what it finds with the embedded engine."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import index.milvus.engine
import index.milvus.indexes
from index import Encoder, Library, LibraryError, default_encoder, search
from index.bm25 import rounded
from index.errors import EngineError
from index.library import DERIVED
from index.milvus import Milvus
from index.milvus.collections import KINDS, count, drop, name_of, read_manifest, write_manifest
from index.milvus.rows import pack_terms, place, unpack_terms
from index.terms import terms
from index.votes import votes
from qa import Assistant

from ..hashed import Hashed, write

QUESTIONS = Path(__file__).parents[2] / "benchmarks" / "questions.jsonl"
EVERY = 12
TEXTS = {
    "a.txt": "瘦素保护骨量。Wine harms bone. 骨折多发于老年人，骨量随年龄下降。",
    "b.txt": "酒精伤骨。\n\n骨折多发。IL-6 与 IL-16 不同。IL-6 升高时骨吸收增加。",
    "c.txt": "Vitamin D keeps bone. 。。。\n\n25-羟基维生素D 不足者多见骨折。",
}


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Milvus:
    """One for all libraries: each has collections of its own."""
    return Milvus(str(tmp_path_factory.mktemp("milvus") / "milvus.db"))


@pytest.fixture
def pair(tmp_path: Path, milvus: Milvus) -> tuple[Library, Library]:
    """The same three files in a library of each engine."""
    plain = Library(tmp_path / "plain", Hashed())
    other = Library(tmp_path / "other", Hashed(), milvus)
    files = [write(tmp_path / "texts", name, text) for name, text in TEXTS.items()]
    for library in (plain, other):
        assert [taken.what for taken in library.add(files)] == ["added"] * len(files)
    return plain, other


def found(library: Library, question: str, sources: list[str] | None = None) -> list[object]:
    return [
        (hit.span.review.id, hit.span.start, hit.span.end, round(hit.score, 4))
        for hit in search(library, question, 20, sources)
    ]


def same(pair: tuple[Library, Library], sources: list[str] | None = None) -> bool:
    asked = ("骨折多见于谁？", "IL-6", "What does wine do to bone?", "25-羟基维生素D不足")
    return all(found(pair[0], q, sources) == found(pair[1], q, sources) != [] for q in asked)


def test_the_same_quotes_as_the_embedded_engine(
    bundled: Path, tmp_path: Path, milvus: Milvus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundled reviews, the real encoder, our own questions; then files come and go.

    Only some sentences are candidates, as in a library that is larger than these.
    """
    monkeypatch.setattr(import_module("index.search"), "POOL", 25)
    copies = [tmp_path / "plain", tmp_path / "other"]
    for copy in copies:
        shutil.copytree(bundled, copy)
    encoder = default_encoder()
    plain = Assistant(Library(copies[0], encoder))
    other = Assistant(Library(copies[1], encoder, milvus))
    asked = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()][::EVERY]
    assert len(asked) > 20

    def alike(sources: list[str] | None = None) -> None:
        for each in asked:
            answers = [one.ask(each["question"], sources=sources, k=5) for one in (plain, other)]
            first, second = (answer.as_dict() for answer in answers)
            shown = [(answer.quotes or answer.nearest) for answer in answers]
            assert [q.receipt() for q in shown[0]] == [q.receipt() for q in shown[1]]
            assert [q.highlights for q in shown[0]] == [q.highlights for q in shown[1]]
            assert first["confidence"] == pytest.approx(second["confidence"], abs=1e-4)

    alike()
    alike(["liver-osteoporosis"])
    file = write(tmp_path, "new.txt", TEXTS["b.txt"])
    for one in (plain, other):
        one.library.add([file])
        one.library.remove("liver-osteoporosis")
    asked = [{"question": "IL-6 升高时骨吸收怎样？"}, *asked[:8]]
    alike()
    assert other.ask("IL-6 升高时骨吸收怎样？", k=1).quotes[0].review.id == "new"
    assert other.library.check() == []


def test_every_step_of_a_library(pair: tuple[Library, Library], tmp_path: Path) -> None:
    assert same(pair)
    assert same(pair, ["b"])
    for library in pair:
        library.remove("a")
    assert same(pair)
    for library in pair:
        library.add(
            [write(tmp_path / "texts", "b.txt", TEXTS["b.txt"].replace("骨折", "骨质疏松"))]
        )
    assert same(pair)
    assert "骨折多发。" not in {hit.span.text for hit in search(pair[1], "骨折多发。")}
    pair[1].rebuild()
    assert same(pair)
    assert pair[1].check() == []
    engine = pair[1].engine
    assert isinstance(engine, Milvus)
    for library in pair:
        library.remove(["b", "c"])
        assert search(library, "骨折") == []
    library = pair[1]
    library.indexes()
    assert not engine.connection.read("has_collection", name_of(library.store.origin(), "sentence"))


SEARCH = """
import sys
from pathlib import Path
from index import Library, LibraryError, search
from index.milvus import Milvus
from tests.hashed import Hashed
library = Library(Path(sys.argv[1]), Hashed(), Milvus(sys.argv[2]))
assert len(library.reviews) == 3
write = library.engine.connection.write
written = []
library.engine.connection.write = lambda *a, **k: (written.append(a[0]), write(*a, **k))[1]
try:
    print([(hit.span.review.id, hit.span.start) for hit in search(library, "骨折", 5)])
    print("upsert" in written, flush=True)
except LibraryError as error:
    print(error, flush=True)
sys.stdin.read()
"""


def test_another_process_finds_it_as_it_was_left(
    pair: tuple[Library, Library], tmp_path: Path
) -> None:
    """The first sends the rows; one beside it is told why it cannot; the next sends nothing."""
    command = [sys.executable, "-c", SEARCH, str(pair[1].folder), str(tmp_path / "own.db")]

    def start() -> subprocess.Popen[str]:
        piped = subprocess.PIPE
        return subprocess.Popen(command, stdin=piped, stdout=piped, stderr=piped, text=True)

    expected = str([(hit.span.review.id, hit.span.start) for hit in search(pair[0], "骨折", 5)])
    first = start()
    assert first.stdout is not None
    assert [first.stdout.readline().strip() for _ in range(2)] == [expected, "True"]
    told, noise = start().communicate()
    assert "one process" in told
    assert noise == ""
    first.communicate()
    assert start().communicate()[0].split("\n")[:2] == [expected, "False"]


def test_cut_off_at_any_write_it_heals(
    pair: tuple[Library, Library], tmp_path: Path, milvus: Milvus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the store and the engine, or between any two writes to the engine."""
    pair[1].indexes()
    real = milvus.connection.write
    at, whole = 0, False
    while not whole:
        at += 1
        text = f"骨量由骨折史预测{at}。Leptin guards bone mass."
        for library in pair:
            library.add([write(tmp_path / "texts", f"d{at}.txt", text)])
            library.remove(["a", "b"] if at == 1 else f"d{at - 1}")
        written = 0

        def write_some(*arguments: object, at: int = at, **named: object) -> object:
            nonlocal written
            written += 1
            if written == at:
                raise KeyboardInterrupt
            return real(*arguments, **named)

        with monkeypatch.context() as cut:
            cut.setattr(milvus.connection, "write", write_some)
            try:
                pair[1].indexes()
                whole = True
            except KeyboardInterrupt:
                assert written == at
        again = pair[1].again()
        assert same((pair[0], again))
        assert again.check() == []
    assert at > 7


def test_what_the_engine_lost_is_made_from_the_store(
    pair: tuple[Library, Library], milvus: Milvus
) -> None:
    pair[1].indexes()
    library = pair[1].store.origin()
    drop(milvus.connection, library)
    assert same(pair)
    milvus.connection.write("drop_collection", name_of(library, "sentence"))
    assert same(pair)
    milvus.connection.write("delete", name_of(library, "sentence"), ids=[1])
    assert "check --repair" in pair[1].check()[0].told
    assert same((pair[0], pair[1].again()))  # whoever opens it next counts the rows
    assert pair[1].check() == []
    (pair[1].folder / DERIVED / "lexicon.sqlite").write_bytes(b"not a database" * 100)
    assert same((pair[0], pair[1].again()))


def test_another_model_replaces_what_the_first_made(
    pair: tuple[Library, Library], milvus: Milvus
) -> None:
    pair[1].indexes()
    encoder: Encoder = Hashed("hashed@2")
    plain, other = (Library(pair[0].folder, encoder), Library(pair[1].folder, encoder, milvus))
    for library in (plain, other):
        library.rebuild()
    assert same((plain, other))
    manifest = read_manifest(milvus.connection, other.store.origin())
    assert manifest is not None
    assert manifest.model == "hashed@2"


def test_what_is_of_another_past_is_refused_until_it_is_repaired(
    pair: tuple[Library, Library], tmp_path: Path, milvus: Milvus
) -> None:
    """A library put back from a backup does not quietly throw away what a newer one keeps."""
    pair[1].indexes()
    shutil.copytree(pair[1].folder, tmp_path / "copy")
    pair[1].remove("a")
    pair[1].indexes()
    copy = Library(tmp_path / "copy", Hashed(), milvus)
    with pytest.raises(EngineError, match="check --repair"):
        search(copy, "骨折")
    (fault,) = copy.check()
    assert "check --repair" in fault.told
    assert copy.repair() == []
    assert same((pair[0], copy))


def test_a_note_of_another_format_is_refused(
    pair: tuple[Library, Library], milvus: Milvus, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair[1].indexes()
    manifest = read_manifest(milvus.connection, pair[1].store.origin())
    assert manifest is not None
    with monkeypatch.context() as newer:
        newer.setattr("index.milvus.collections.FORMAT", 2)
        with pytest.raises(EngineError, match="another version"):
            read_manifest(milvus.connection, manifest.library)
    name = name_of(manifest.library, "manifest")
    milvus.connection.write("upsert", name, [{"id": 0, "told": "[]", "vector": [0.0, 1.0]}])
    with pytest.raises(EngineError, match="another version"):
        search(pair[1].again(), "骨折")
    write_manifest(milvus.connection, manifest)
    assert same(pair)


def test_many_sources_are_filtered_by_the_engine(
    pair: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.milvus.indexes, "COMPARED", 0)
    assert same(pair, ["a", "c"])
    assert {id for id, *_ in found(pair[1], "骨折", ["a", "c"])} == {"a", "c"}  # type: ignore[misc]


def test_small_batches_send_the_same(
    pair: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.milvus.engine, "BATCH", 2)
    monkeypatch.setattr(index.milvus.engine, "NOTED", 1)
    assert same(pair)
    assert pair[1].check() == []


def test_words_are_asked_for_until_none_can_be_missed(tmp_path: Path, milvus: Milvus) -> None:
    """One word in many ways: the engine's sum misleads, the score that counts does not."""
    lines = [f"Bones skeleton {'x ' * (n % 9)} number{n}." for n in range(60)]
    lines += [f"Bones bones bones alone{n}." for n in range(5)]
    plain, other = Library(tmp_path / "p", Hashed()), Library(tmp_path / "o", Hashed(), milvus)
    for library in (plain, other):
        library.add([write(tmp_path, "many.txt", "\n\n".join(lines))])
    asked = votes("骨骼", {"en": 1.0})
    assert [len(vote.ways) for vote in asked][-1] == 2
    for k in (1, 3, 10, 200):
        first, second = (each.indexes().sharing(asked, k) for each in (plain, other))
        assert second.keys() == first.keys()
        assert second == pytest.approx(first, rel=1e-5)


def test_terms_are_packed_and_unpacked() -> None:
    text = "IL-6 与 IL-16、IL-6R：IL-6 升高 " * 9
    packed, length = pack_terms(text)
    counts = {term: terms(text).count(term) for term in terms(text)}
    assert length == len(terms(text))
    assert unpack_terms(packed, length, {term: place(term) for term in counts}) == counts
    assert pack_terms("。")[0]  # Milvus takes no vector without a number
    assert [rounded(n) for n in (39, 40, 41, 42, 55, 56, 57, 100)] == [
        39,
        40,
        40,
        42,
        54,
        56,
        56,
        96,
    ]


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("server", ["absent", "silent"])
def test_an_engine_that_is_down_is_one_line(
    tmp_path: Path, silent: int, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setattr("index.milvus.connection.CONNECTING", 1)
    uri = f"http://127.0.0.1:{silent if server == 'silent' else 9}"
    library = Library(tmp_path / "library", Hashed(), Milvus(uri, "secret"))
    library.add([write(tmp_path, "a.txt", TEXTS["a.txt"])])
    began = time.monotonic()
    with pytest.raises(LibraryError) as told:
        search(library, "骨折")
    assert time.monotonic() - began < 10
    assert uri in str(told.value)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("uri", "cure"),
    [
        ("http://me:secret@host:19530", "YUANWEN_ENGINE_TOKEN"),
        ("nonsense", "http://host:19530"),
    ],
)
def test_an_address_that_is_none_is_told(uri: str, cure: str) -> None:
    with pytest.raises(LibraryError, match=cure) as told:
        Milvus(uri)
    assert "secret" not in str(told.value)


def test_pymilvus_is_imported_only_when_asked_for() -> None:
    code = (
        "import sys, qa.cli; from index.milvus import Milvus; Milvus('x.db');"
        "print(sorted({'pymilvus', 'grpc', 'milvus_lite'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_rows_are_counted(pair: tuple[Library, Library], milvus: Milvus) -> None:
    pair[1].indexes()
    library = pair[1].store.origin()
    counted = {kind: count(milvus.connection, library, kind) for kind in KINDS}
    assert counted == {kind: pair[1].store.count_of(kind) for kind in KINDS}
