"""One library, one home; one direction of imports; no query that nobody asks."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from given import ROOT

from maturity import export

PACKAGES = ("loaders", "maturity", "pages")
MODULES = [*(p for name in PACKAGES for p in sorted((ROOT / name).rglob("*.py"))), ROOT / "dashboard.py"]
QUERIES = sorted((ROOT / "maturity" / "sql" / "queries").glob("*.sql"))
HOMES = {
    "duckdb": ["maturity/store.py"],
    "streamlit": [
        "dashboard.py",
        "maturity/drawn.py",
        "maturity/reader.py",
        "maturity/server.py",
        "maturity/ui.py",
        "pages/",
    ],
    "plotly": ["maturity/charts.py"],
    "yaml": ["loaders/yaml_rows.py", "maturity/text.py"],
    "requests": ["loaders/http.py"],
    "openpyxl": ["loaders/workbooks.py"],
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, with `from a import b` as a.b."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports by dots"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def of(path: Path, *packages: str) -> set[str]:
    """What a file imports from some packages or modules."""
    return {name for name in imports(path) if any(name == p or name.startswith(f"{p}.") for p in packages)}


def test_the_reader_of_imports_sees_both_forms(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(
        "import duckdb as d\nfrom maturity import store\ndef f():\n    from plotly.graph_objects import Figure\n"
    )
    assert imports(path) == {"duckdb", "maturity.store", "plotly.graph_objects.Figure"}
    assert of(path, "duckdb", "plotly") == {"duckdb", "plotly.graph_objects.Figure"}


@pytest.mark.parametrize("library", HOMES)
def test_one_library_one_home(library: str):
    users = [name_of(path) for path in MODULES if of(path, library)]
    assert users, f"{library} is not used at all"
    assert [user for user in users if not user.startswith(tuple(HOMES[library]))] == []


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("maturity/")], ids=name_of)
def test_maturity_never_imports_loaders_or_pages(path: Path):
    assert of(path, "loaders", "pages", "dashboard") == set()


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("loaders/")], ids=name_of)
def test_only_the_command_line_joins_loaders_and_store(path: Path):
    outward = ("maturity.store", "maturity.export", "maturity.report")
    joined = of(path, *outward, "maturity.ui", "maturity.charts", "pages", "dashboard")
    assert joined == (set(outward) if path.name == "__main__.py" else set())


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("pages/")], ids=name_of)
def test_nobody_imports_pages_and_pages_know_no_loader(path: Path):
    assert of(path, "loaders", "pages", "dashboard") == set()


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("maturity/records/")], ids=name_of)
def test_records_import_nothing_else_of_ours(path: Path):
    assert {one for one in of(path, *PACKAGES) if not one.startswith("maturity.records.")} == set()


RULES = [
    "levels",
    "falls",
    "signals",
    "windows",
    "risk_cost",
    "risk_range",
    "risk_chance",
    "risk_calibration",
    "risk_checks",
]


@pytest.mark.parametrize("name", RULES)
def test_rules_know_the_records_and_other_rules_and_nothing_else_of_ours(name: str):
    ours = of(ROOT / "maturity" / f"{name}.py", *PACKAGES)
    assert {".".join(one.split(".")[:2]) for one in ours} <= {
        "maturity.records",
        *(f"maturity.{rule}" for rule in RULES),
    }


# --------------------------------------------------------------------------------------------------------------- SQL


@cache
def asked() -> list[tuple[str, str]]:
    """(file, name) of every question: `page.query("name")`, `query("name")`, and those of the CSV bundle."""
    found = [("maturity/export.py", name) for name in (export.FILES | export.REVIEW_FILES).values()]
    for path in MODULES:
        calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
        for call in calls:
            match call:
                case ast.Call(func=ast.Attribute(attr="query", value=ast.Name()), args=[ast.Constant(value=name), *_]):
                    found.append((name_of(path), name))
                case ast.Call(func=ast.Name(id="query"), args=[ast.Constant(value=name), *_]):
                    found.append((name_of(path), name))
                case ast.Call(
                    func=ast.Name(id="_answer"), args=[_, ast.Constant(value=name), *_]
                ):  # the cache in ui.py
                    found.append((name_of(path), name))
    return found


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_query_is_asked_by_somebody(path: Path):
    assert path.stem in {name for _, name in asked()}


def test_every_question_has_a_query():
    known = {path.stem for path in QUERIES}
    assert len(asked()) > len(export.FILES)
    assert [pair for pair in asked() if pair[1] not in known] == []


def test_no_query_and_no_view_is_built_from_text():
    marks = re.compile(r"%s|\{\w*\}|\?")
    files = sorted((ROOT / "maturity" / "sql").rglob("*.sql"))
    assert len(files) > len(QUERIES)
    code = {path: re.sub(r"--.*|'[^']*'", "", path.read_text(encoding="utf-8")) for path in files}
    assert [name_of(path) for path, text in code.items() if marks.search(text)] == []


# ------------------------------------------------------------------------------------------------------------- locks


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock", "bench/requirements-dash.lock"])
def test_a_lock_holds_names_versions_and_hashes_and_no_address(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(packages) > 20
    assert [line for line in packages if not re.match(r"[a-z0-9._-]+==[^\s;]+( ;.*)? \\$", line)] == []
    assert text.count("--hash=sha256:") >= len(packages)


def test_the_engine_is_locked_to_the_version_that_is_declared():
    declared = re.search(r'"(duckdb==[\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    assert f"\n{declared} " in (ROOT / "requirements.lock").read_text(encoding="utf-8")
