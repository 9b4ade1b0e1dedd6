"""The command line, by its exit codes and what it prints."""

from __future__ import annotations

import ast
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from given import ROOT, TESTS, TINY, build, over_tiny, practices, write, yaml_file

from loaders import written
from loaders.__main__ import FINE, PROBLEMS, WRONG_USE, main
from maturity import store

AS_OF = ["--as-of", "2026-01-31"]
COMMANDS = {
    "check": ["DIR", "--as-of"],
    "build": ["DIR", "--store", "--keep-going", "--as-of"],
    "fetch": ["DIR", "SOURCE"],
    "export": ["--store", "--to", "--month"],
    "serve": ["--store", "--port", "--address", "--no-browser"],
    "schema": ["DIR"],
}


def refused(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture):
    assert refused(["--help"]) == FINE
    text = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n    {name} " in text] == list(COMMANDS)
    assert "Exit codes: 0 fine, 1 problems in the data, 2 wrong use." in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_names_its_options_and_says_what_it_does(capsys: pytest.CaptureFixture, command: str):
    assert refused([command, "--help"]) == FINE
    text = capsys.readouterr().out
    assert [option for option in COMMANDS[command] if option not in text] == []
    assert text.split("\n\n")[1].strip().endswith(".")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "required: COMMAND", id="no command"),
        pytest.param(["guess"], "invalid choice: 'guess'", id="unknown command"),
        pytest.param(["check", "no/such/folder"], "found no folder no/such/folder", id="wrong folder"),
        pytest.param(["check", __file__], f"found a file {__file__}, expected a folder", id="a file"),
        pytest.param(["check", ""], "argument DIR: found nothing, expected a folder; the one you", id="no folder"),
        pytest.param(
            ["build", str(TINY), "--store", " "], "argument --store: found nothing, expected a", id="no store"
        ),
        pytest.param(["export", "--to", ""], "argument --to: found nothing, expected a folder", id="export to no name"),
        pytest.param(
            ["build", str(TINY), "--as-of", "31.1.2026"], "found 31.1.2026, expected a date such as", id="date"
        ),
        pytest.param(
            ["check", str(TINY), "--as-of", "2026-02-30"], "found 2026-02-30, expected a date", id="no such day"
        ),
        pytest.param(["export", "--to", "x", "--month", "2026-13"], "found 2026-13, expected a month", id="month"),
        pytest.param(["export"], "required: --to", id="export to nowhere"),
        pytest.param(
            ["check", str(TINY), "--as-of", "0001-01-01"], "expected a day of the years 1970 to", id="long ago"
        ),
        pytest.param(
            ["build", str(TINY), "--as-of", "9999-12-31"], "expected a day of the years 1970 to", id="far off"
        ),
        pytest.param(["serve", "--port", "99999"], "found 99999, expected a port from 1 to 65535", id="port"),
    ],
)
def test_wrong_use_says_what_is_wrong(capsys: pytest.CaptureFixture, arguments: list[str], said: str):
    assert refused(arguments) == WRONG_USE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["build", str(TINY), *AS_OF, "--store"], ["schema"]], ids=lambda arguments: arguments[0]
)
def test_a_file_in_place_of_the_folder_to_write_to_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture, arguments: list[str]
):
    (tmp_path / "taken").write_text("")
    assert main([*arguments, str(tmp_path / "taken")]) == WRONG_USE
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"found {tmp_path / 'taken'}: File exists, expected a place to read and write"


@pytest.mark.parametrize("policy", ["scoring.yaml", "budget_policy.yaml", "review_policy.yaml"])
@pytest.mark.parametrize("more", [[], ["--keep-going"]], ids=["stops", "keeps going"])
def test_an_empty_policy_publishes_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture, policy: str, more: list[str]
):
    (folder := over_tiny(tmp_path / "data")).joinpath(policy).write_text("# to be written\n")
    assert main(["build", str(folder), *AS_OF, "--store", str(tmp_path / "store"), *more]) == PROBLEMS
    said = capsys.readouterr()
    assert f"{folder / policy}:1: file: found nothing, expected at least one entry, or no file" in said.out
    assert said.err.splitlines()[-1] == "nothing was published; there is no earlier snapshot"


def test_a_reader_that_stops_early_is_no_accident(tmp_path: Path):
    (folder := over_tiny(tmp_path / "data")).joinpath("products.yaml").unlink()
    command = f"{sys.executable} -m loaders check {folder} --as-of 2026-01-31 | true"
    ended = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stderr == ""


def test_check_of_a_good_folder(capsys: pytest.CaptureFixture):
    assert main(["check", str(TINY), *AS_OF]) == FINE
    assert capsys.readouterr().out == f"0 problems, 0 warnings in {TINY}\n"


def test_check_prints_every_problem_with_a_path_that_an_editor_can_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture
):
    case = TESTS / "bad" / "several_files"
    folder = over_tiny(tmp_path / "data", case)
    assert main(["check", str(folder), *AS_OF]) == PROBLEMS
    *lines, last = capsys.readouterr().out.splitlines()
    expected = (case / "expected.txt").read_text().splitlines()
    assert lines == [f"{folder}/{line}" for line in expected]
    assert last == f"{len(expected)} problems, 0 warnings in {folder}"
    assert all(Path(line.split(":")[0]).is_file() for line in lines)


def test_an_address_in_a_message_keeps_its_slashes(tmp_path: Path, capsys: pytest.CaptureFixture):
    source = '{id: main, kind: prometheus, url: "https://metrics..example", since: 2026-01-01}'
    folder = over_tiny(tmp_path / "data", **{"sources.yaml": f"sources:\n  - {source}\n"})
    assert main(["check", str(folder), *AS_OF]) == PROBLEMS
    assert "found 'https://metrics..example', expected an address" in capsys.readouterr().out


def test_warnings_alone_are_fine(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data", TESTS / "bad" / "sli_files_that_disagree")
    assert main(["check", str(folder), *AS_OF]) == FINE
    assert f"0 problems, 1 warnings in {folder}" in capsys.readouterr().out


def test_build_then_export(tmp_path: Path, capsys: pytest.CaptureFixture):
    kept = ["--store", str(tmp_path / "store")]
    assert main(["build", str(TINY), *kept, *AS_OF]) == FINE
    counted = f"2 products, {len(practices())} practices, 5 assessments, 1 risks, 1 slos, as of 2026-01-31"
    assert counted in capsys.readouterr().err
    assert main(["export", *kept, "--to", str(tmp_path / "csv"), "--month", "2026-01"]) == FINE
    assert f"{tmp_path / 'csv' / 'practice_state.csv'}: {2 * len(practices())} rows" in capsys.readouterr().out


def test_export_of_a_month_that_the_snapshot_lacks_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture):
    kept = ["--store", str(tmp_path / "store")]
    assert main(["build", str(TINY), *kept, *AS_OF]) == FINE
    assert main(["export", *kept, "--to", str(tmp_path / "csv"), "--month", "2031-01"]) == WRONG_USE
    told = capsys.readouterr().err
    assert "found no month 2031-01 in the snapshot, expected one from 2026-01 to 2026-01" in told
    assert not (tmp_path / "csv").exists()


def test_a_build_with_problems_keeps_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture):
    bad, kept = over_tiny(tmp_path / "data", TESTS / "bad" / "rejected_product"), ["--store", str(tmp_path / "store")]
    assert main(["build", str(bad), *kept, *AS_OF]) == PROBLEMS
    assert "nothing was published; there is no earlier snapshot" in capsys.readouterr().err
    assert main(["build", str(TINY), *kept, *AS_OF]) == FINE
    (snapshot,) = (tmp_path / "store").glob("snap-*")
    capsys.readouterr()
    assert main(["build", str(bad), *kept, *AS_OF]) == PROBLEMS
    told = capsys.readouterr()
    assert f"nothing was published; {snapshot.name} stays up" in told.err
    assert f"{bad}/products.yaml:3: tier: found 'five', expected a whole number" in told.out
    assert main(["build", str(bad), *kept, *AS_OF, "--keep-going"]) == FINE
    assert len(list((tmp_path / "store").glob("snap-*"))) == 2


def test_without_policies_a_build_stops_even_when_told_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture):
    bad = over_tiny(tmp_path / "data", TESTS / "bad" / "policies")
    arguments = ["build", str(bad), "--store", str(tmp_path / "store"), *AS_OF, "--keep-going"]
    assert main(arguments) == PROBLEMS
    assert "scoring.yaml:1: level_threshold: found '80', expected a number at most 1" in capsys.readouterr().out


def test_export_without_a_snapshot_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture):
    assert main(["export", "--store", str(tmp_path), "--to", str(tmp_path / "csv")]) == WRONG_USE
    assert f"found no snapshot in {tmp_path}" in capsys.readouterr().err
    assert not (tmp_path / "csv").exists()


def test_fetch_of_an_unknown_source_is_wrong_use(capsys: pytest.CaptureFixture):
    assert main(["fetch", str(TINY), "main"]) == WRONG_USE
    assert "found no source main in sources.yaml, expected one of: none" in capsys.readouterr().err


def test_a_second_fetch_at_the_same_time_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture):
    source = "{id: main, kind: prometheus, url: 'http://127.0.0.1:1', since: 2026-01-01}"
    folder = over_tiny(tmp_path / "data", **{"sources.yaml": f"sources:\n  - {source}\n"})
    (folder / "raw").mkdir()
    with written.only_writer(folder / "raw"):
        assert main(["fetch", str(folder)]) == PROBLEMS
    assert capsys.readouterr().err == f"another fetch is running in {folder / 'raw'}; wait for it to end\n"


def test_the_module_runs_as_a_command_of_its_own():
    command = [sys.executable, "-m", "loaders", "check", str(TINY), *AS_OF]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (FINE, f"0 problems, 0 warnings in {TINY}\n")


# ----------------------------------------------------------------------------------------------------------- schemas

INPUTS = {
    "products": TINY / "products.yaml",
    "assessments": TINY / "assessments" / "alpha.yaml",
    "risks": TINY / "risks" / "alpha.yaml",
    "slos": TINY / "slos" / "alpha.yaml",
    "guide_map": ROOT / "data" / "guide_map.yaml",
    "scoring": ROOT / "data" / "scoring.yaml",
    "budget_policy": ROOT / "data" / "budget_policy.yaml",
    "risk_policy": ROOT / "data" / "risk_policy.yaml",
}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    assert main(["schema", str(folder)]) == FINE
    return folder


def unknown_keys(value: object, schema: dict, definitions: dict, at: str = "") -> list[str]:
    """Keys of a file that its schema does not name."""
    branches = list(_branches(schema, definitions))
    if isinstance(value, list):
        items = next((b["items"] for b in branches if "items" in b), {})
        return [key for i, item in enumerate(value) for key in unknown_keys(item, items, definitions, f"{at}[{i}]")]
    if not isinstance(value, dict):
        return []
    named: dict[str, dict] = {}
    for branch in branches:
        for key, inner in branch.get("properties", {}).items():
            named.setdefault(key, {"anyOf": []})["anyOf"].append(inner)
    if not named:  # free keys, such as annotations
        return []
    wrong = [f"{at}.{key}" for key in value if key not in named]
    return wrong + [
        k for key in value.keys() & named for k in unknown_keys(value[key], named[key], definitions, f"{at}.{key}")
    ]


def _branches(schema: dict, definitions: dict) -> Iterator[dict]:
    """A schema without references, and what it may be instead."""
    here = definitions[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    yield here
    for branch in here.get("anyOf", []):
        yield from _branches(branch, definitions)


@pytest.mark.parametrize("name", INPUTS)
def test_the_schema_names_every_key_of_a_real_file(schemas: Path, name: str):
    schema = json.loads((schemas / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    definitions = schema.get("$defs", {})
    document = yaml_file(INPUTS[name])
    assert unknown_keys(document, schema, definitions) == []
    assert unknown_keys(document | {"no_such_key": 1}, schema, definitions) == [".no_such_key"]


def test_the_schema_of_a_list_names_the_keys_of_its_rows(schemas: Path):
    schema = json.loads((schemas / "products.schema.json").read_text(encoding="utf-8"))
    slip = {"products": [{"id": "a", "teir": 1}]}
    assert unknown_keys(slip, schema, schema["$defs"]) == [".products[0].teir"]


def test_the_data_dictionary_names_every_table_and_view(schemas: Path):
    text = (schemas / "data-dictionary.md").read_text(encoding="utf-8")
    views = [path.stem.split("_", 1)[1] for path in (ROOT / "maturity" / "sql" / "views").glob("*.sql")]
    missing = [view for view in views if f"\n## {view} (view)\n" not in text]
    assert (missing, "\n## practice_state\n" in text) == ([], True)


def test_buckets_are_checked_while_the_budget_policy_has_problems(tmp_path: Path, capsys: pytest.CaptureFixture):
    row = "slo,start,good,total\nalpha-ok,2026-01-25T00:00:00Z,-1,1\n"
    folder = over_tiny(tmp_path / "data", **{"budget_policy.yaml": "at_risk_left: much\n", "sli/more.csv": row})
    for command in (["check", str(folder)], ["build", str(folder), "--store", str(tmp_path / "store")]):
        assert main([*command, "--as-of", "2026-01-31"]) == 1
        told = capsys.readouterr().out
        assert "budget_policy.yaml:1: at_risk_left: found 'much', expected a number" in told
        assert "sli/more.csv:2: good: found '-1', expected a number, 0 or more" in told


# ------------------------------------------------------------------------------------------------ what serve refuses


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--store", str(tmp_path), "--address", "127.0.0.1", "--port", str(port)]) == WRONG_USE
    told = f"found port {port} of 127.0.0.1: taken by another program, expected a free port; name another with --port\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("address", ["nobody.invalid", "203.0.113.5"])
def test_an_address_of_another_machine_is_told(tmp_path: Path, capsys: pytest.CaptureFixture, address: str):
    assert main(["serve", "--store", str(tmp_path), "--address", address]) == WRONG_USE
    assert capsys.readouterr().err.startswith(f"found address {address}, expected ")


def test_an_address_of_nothing_does_not_open_the_dashboard_to_everybody(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        main(["serve", "--address", ""])
    assert "argument --address: found nothing, expected an address such as localhost" in capsys.readouterr().err


def test_a_file_in_place_of_the_store_is_told(tmp_path: Path, capsys: pytest.CaptureFixture):
    assert main(["serve", "--store", str(write(tmp_path / "store", ""))]) == WRONG_USE
    assert capsys.readouterr().err == f"found a file {tmp_path / 'store'}, expected a folder of snapshots\n"


# ------------------------------------------------------------------------------- damaged, full, narrow or interrupted

DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"\xff\x00 no snapshot" * 9999),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:100_000]),
    "empty": lambda path: path.write_bytes(b""),
    "another's": lambda path: (path.unlink(), duckdb.connect(str(path)).execute("create table x (a int)").close()),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_snapshot_is_told_and_a_build_does_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture, damage: str
):
    kept = ["--store", str(tmp_path / "store")]
    path = build(tmp_path / "store").snapshot
    DAMAGE[damage](path)
    for asked in (
        ["export", "--to", str(tmp_path / "csv")],
        ["report", "2026-01", "--to", str(tmp_path / "out")],
        ["risk", "drafts"],
        ["freeze", "2026-01", "--data", str(TINY)],
    ):
        assert main([*asked, *kept]) in (PROBLEMS, WRONG_USE), asked
        (told,) = capsys.readouterr().err.splitlines()
        assert path.name in told
    assert main(["build", str(TINY), *AS_OF, *kept]) == FINE
    assert f"{path.name} cannot be read; building without it" in capsys.readouterr().err
    assert main(["export", "--to", str(tmp_path / "csv"), *kept]) == FINE


def test_damage_in_one_place_of_a_snapshot_is_not_handed_on_by_the_next_build(
    tmp_path: Path, capsys: pytest.CaptureFixture
):
    """The engine tells it when the place is read, and a build that takes a table over as it stands never reads it."""
    path = build(tmp_path / "store").snapshot
    path.write_bytes(path.read_bytes()[:-1000] + b"\xff" * 1000)
    assert main(["build", str(TINY), *AS_OF, "--store", str(tmp_path / "store")]) == FINE
    assert f"{path.name} cannot be read; building without it" in capsys.readouterr().err


@pytest.mark.parametrize("pointer", [b"", b"\xff\xfe\x9c", b"../../etc/passwd", b"a\0b", b"a" * 5000])
def test_a_pointer_that_names_no_snapshot_is_none(tmp_path: Path, capsys: pytest.CaptureFixture, pointer: bytes):
    write(tmp_path / "store" / "CURRENT", pointer)
    assert main(["risk", "drafts", "--store", str(tmp_path / "store")]) == WRONG_USE
    assert capsys.readouterr().err.startswith(f"found no snapshot in {tmp_path / 'store'}")


def test_a_snapshot_of_another_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture):
    kept = ["--store", str(tmp_path / "store")]
    path = build(tmp_path / "store").snapshot
    with duckdb.connect(str(path)) as con:
        con.execute("alter table meta drop column until")
    assert main(["export", "--to", str(tmp_path / "csv"), *kept]) == FINE, "it has all that an export asks for"
    capsys.readouterr()
    assert main(["report", "2026-01", "--to", str(tmp_path / "out"), *kept]) == WRONG_USE
    told = f"found {path} with other tables, expected a snapshot of this version; run: guidemap build DIR\n"
    assert capsys.readouterr().err == told


def limited(how: str, *arguments: str) -> subprocess.CompletedProcess:
    """The command in a shell of its own, under a limit or with other streams."""
    command = f"{how.format(command=shlex.join([sys.executable, '-m', 'loaders', *arguments]))}"
    return subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_disk_that_is_full_is_told_and_leaves_no_half_of_a_file(tmp_path: Path):
    """A limit on the length of a file stands for it: both refuse a write."""
    folder, form = over_tiny(tmp_path / "data"), tmp_path / "form.yaml"
    ended = limited("ulimit -f 2000; {command}", "build", str(TINY), *AS_OF, "--store", str(tmp_path / "store"))
    assert (ended.returncode, ended.stderr.splitlines()[-1].startswith("stopped: IO Error: ")) == (PROBLEMS, True)
    assert not (tmp_path / "store" / "CURRENT").exists()
    for arguments in (
        ["schema", str(tmp_path / "schemas")],
        ["decide", str(folder), "--slo", "alpha-ok", "--decision", "act", "--reason", "x" * 3000, "--by", "kim"],
        ["assess", "alpha", "--data", str(folder), "--assessor", "kim", "--form", str(form)],
    ):
        ended = limited("ulimit -f 2; {command}", *arguments)
        (told,) = ended.stderr.splitlines()
        assert ended.returncode == WRONG_USE
        assert "File too large" in told
    assert not form.exists()
    assert not (folder / "decisions.yaml").exists()


@pytest.mark.parametrize("how", ["{command} >&-", "PYTHONIOENCODING=ascii {command}"], ids=["closed", "narrow"])
def test_an_output_that_is_closed_or_has_no_japanese_is_no_accident(tmp_path: Path, how: str):
    folder = over_tiny(tmp_path / "data", **{"表.yaml": ""})
    ended = limited(how, "check", str(folder), *AS_OF)
    assert (ended.returncode, ended.stderr) == (FINE, "")


def test_ctrl_c_while_the_libraries_are_imported_is_told():
    interrupted = "import loaders.while_importing, os, signal; os.kill(os.getpid(), signal.SIGINT); print('lived')"
    ended = subprocess.run([sys.executable, "-c", interrupted], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (PROBLEMS, "", "stopped; nothing was published\n")


def test_that_is_set_up_before_any_library_and_over_when_they_are_there():
    names = [n for n in ast.parse((ROOT / "loaders" / "__main__.py").read_text()).body if isinstance(n, ast.ImportFrom)]
    assert [names[1].module, names[1].names[0].name] == ["loaders", "while_importing"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_while_the_engine_counts_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    def count_for_long(*_: object, **__: object) -> None:
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        # Where another thread of the engine does the counting, the signal waits until it is done.
        con = duckdb.connect(config={"threads": 1})
        con.execute("select sum(range % 7) from range(1_000_000_000_000)").fetchall()

    monkeypatch.setattr(store, "check_buckets", count_for_long)
    assert main(["check", str(TINY), *AS_OF]) == PROBLEMS
    assert capsys.readouterr().err == "stopped; nothing was published\n"


def test_a_folder_and_a_dead_link_called_as_buckets_are_told(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data")
    (folder / "sli" / "more.csv").mkdir()
    (folder / "sli" / "gone.parquet").symlink_to(tmp_path / "nowhere")
    assert main(["check", str(folder), *AS_OF]) == FINE
    expected = "that nothing reads, expected a file that ends in .csv or .parquet"
    told = [
        f"{folder}/sli/gone.parquet:1: warning: file: found a link to nothing {expected}",
        f"{folder}/sli/more.csv:1: warning: file: found a folder {expected}",
    ]
    assert capsys.readouterr().out.splitlines()[:-1] == told


ODD = os.fsdecode(b"odd\xff")


@pytest.fixture
def not_root() -> Iterator[Path]:
    """A folder of somebody whom modes of files hold back; root they do not."""
    with tempfile.TemporaryDirectory() as made:
        root = os.geteuid() == 0
        if root:
            os.chown(made, 65534, 65534)
            os.seteuid(65534)
        yield Path(made)
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["closed", "names alone"])
def test_folders_that_may_not_be_read_are_told_and_nothing_is_published(
    not_root: Path, capsys: pytest.CaptureFixture, mode: int
):
    for name in ("products.yaml", "sli/alpha.csv", "slos/alpha.yaml", "reviews/note.md"):
        write(not_root / "data" / name, "text\n")
    for name in ("sli", "reviews"):
        (not_root / "data" / name).chmod(mode)
    for command in (["check"], ["build", "--store", str(not_root / "store")], ["fetch"]):
        assert main([command[0], str(not_root / "data"), *command[1:]]) == PROBLEMS
        said = "found Permission denied, expected a folder that whoever runs this may read"
        told = capsys.readouterr().out.splitlines()
        assert told[:2] == [f"{not_root}/data/{name}:1: folder: {said}" for name in ("reviews", "sli")]
    assert not (not_root / "store").exists()
    for name in ("sli", "reviews"):
        (not_root / "data" / name).chmod(0o755)


def test_names_that_are_not_utf8_are_told_and_the_rest_is_read(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data")
    for name in ("slos/{}.yaml", "sli/{}.csv", "{}.yaml"):
        write(folder / name.format(ODD), "")
    kept = ["--store", str(tmp_path / "store")]
    assert main(["build", str(folder), *AS_OF, *kept, "--keep-going"]) == FINE
    told = [f"{folder}/{name}:1: file: found a name that is not UTF-8, expected a name in UTF-8"
            for name in ("odd\ufffd.yaml", "sli/odd\ufffd.csv", "slos/odd\ufffd.yaml")]  # fmt: skip
    assert capsys.readouterr().out.splitlines()[:3] == told


def test_an_argument_that_is_not_utf8_is_refused(capsys: pytest.CaptureFixture):
    assert (
        refused(["decide", str(TINY), "--slo", "alpha-ok", "--decision", "act", "--reason", ODD, "--by", "kim"])
        == WRONG_USE
    )
    assert "found an argument that is not UTF-8" in capsys.readouterr().err
