"""The command line: `guidemap` or `python -m loaders`. Exit codes: 0 fine, 1 problems in the data, 2 wrong use."""

from __future__ import annotations

from loaders import while_importing

# isort: split
import argparse
import datetime as dt
import errno
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import get_args

from loaders import (
    assess,
    datadog,
    decide,
    decisions,
    github,
    github_issues,
    jira,
    kept_answers,
    locked,
    prometheus,
    recorded,
    registry,
    risk_accept,
    schemas,
    sentry,
    written,
)  # fmt: skip
from loaders.reading import Reading
from maturity import building, export, report, store, tables, whole_files
from maturity.records.bundle import Bundle
from maturity.records.forms import YEARS
from maturity.records.problems import Problem, is_utf8
from maturity.records.reviews import Decision
from maturity.sources import (
    DatadogSource,
    GithubIssuesSource,
    GithubSource,
    JiraSource,
    PrometheusSource,
    SentrySource,
    Source,
)
from maturity.text import LANGUAGES

while_importing.over()

FINE, PROBLEMS, WRONG_USE = 0, 1, 2
ROOT = Path(__file__).resolve().parent.parent
STORE = Path("store")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # what was closed is none
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Japanese shows ? and goes on
    parser = _parser()
    if any(not is_utf8(text) for text in (sys.argv[1:] if arguments is None else arguments)):
        parser.error("found an argument that is not UTF-8, expected text and names in UTF-8")
    options = parser.parse_args(arguments)
    try:
        code = options.run(options)
        print(end="", flush=True)
        return code
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and str(error) != store.INTERRUPTED:
            raise
        print(while_importing.STOPPED, file=sys.stderr)
        return PROBLEMS
    except store.TheSnapshotCannotBeRead as error:
        print(f"found {error}, expected a snapshot of this version; run: guidemap build DIR", file=sys.stderr)
        return WRONG_USE
    except locked.FoldersCannotBeRead as error:
        return _tell(error.folder, error.problems)
    except store.TheReviewCannotBeRead as error:
        print(f"found {error}, expected the tables as they were frozen; take them back from Git", file=sys.stderr)
        return PROBLEMS
    except store.TheEngineStopped as error:
        print(f"stopped: {error}", file=sys.stderr)
        return PROBLEMS
    except store.AnotherBuildIsRunning as error:
        print(f"another build is running in {error}; wait for it to end", file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:  # `guidemap check DIR | head`: whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEMS
    except OSError as error:
        if error.strerror is None:
            raise
        # A disk that is full while a file is written is told without the name of the file.
        found = ": ".join(filter(None, (error.filename and str(error.filename), error.strerror)))
        print(f"found {found}, expected a place to read and write", file=sys.stderr)
        return WRONG_USE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guidemap",
        description="Monthly reliability review across products: practices, risks and SLOs in one unit.",
        epilog="Exit codes: 0 fine, 1 problems in the data, 2 wrong use.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    check = add("check", _check, "Name every problem in all input of a data folder at once.")
    check.add_argument("folder", metavar="DIR", type=_folder, help="data folder")
    _as_of(check)

    build = add("build", _build, "Check a data folder, build a snapshot from it and publish it.")
    build.add_argument("folder", metavar="DIR", type=_folder, help="data folder")
    build.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    build.add_argument("--keep-going", action="store_true", help="load the good rows, store the problems")
    _as_of(build)

    answer = add("assess", _assess, "Answer for one product: in the terminal, by re-confirming, or with a form.")
    assess.add_arguments(answer, _folder, _day)

    fetch = add("fetch", _fetch, "Pull SLI data and evidence from the servers in DIR/sources.yaml into DIR/raw/.")
    fetch.add_argument("folder", metavar="DIR", type=_folder, help="data folder")
    fetch.add_argument("source", metavar="SOURCE", nargs="?", help="only this source")

    risk = add("risk", _risk, "Records that the rules propose: list them, or accept one into risks/accepted.yaml.")
    risk.add_argument("deed", choices=["drafts", "accept"], help="what to do")
    risk.add_argument("id", nargs="?", metavar="ID", help="accept: the draft, as `risk drafts` names it")
    risk.add_argument("folder", nargs="?", metavar="DIR", type=_folder, help="accept: data folder")
    risk.add_argument("--by", metavar="NAME", help="accept: who accepts it")
    risk.add_argument("--as", dest="key", metavar="ID", help="accept: id of the record (default: SRR-YEAR-next number)")
    risk.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    _as_of(risk, _day_so_far)

    made = add("decide", _decide, "Append what a review decided to DIR/decisions.yaml.")
    made.add_argument("folder", metavar="DIR", type=_folder, help="data folder")
    about = made.add_mutually_exclusive_group(required=True)
    about.add_argument("--slo", metavar="ID")
    about.add_argument("--risk", metavar="ID")
    about.add_argument("--practice", metavar="ID", help="together with --product")
    made.add_argument("--product", metavar="ID", help="whose practice")
    choices = get_args(Decision.model_fields["decision"].annotation)
    made.add_argument("--decision", required=True, choices=choices, help="what was decided")
    made.add_argument("--reason", required=True, metavar="TEXT", help="why, in a sentence")
    made.add_argument("--by", required=True, metavar="NAME", help="who decided")
    made.add_argument("--owner", metavar="NAME", help="who does it")
    made.add_argument("--due", type=_day, metavar="YYYY-MM-DD", help="until when it is done")
    made.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="last day on which it holds")
    _as_of(made, _day_so_far)

    bundle = add("export", _export, "Write the CSV bundle of a published snapshot.")
    bundle.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    bundle.add_argument("--to", type=_place, required=True, metavar="DIR", help="folder to write to")
    bundle.add_argument("--month", type=_month, metavar="YYYY-MM", help="only this month")

    freeze = add("freeze", _freeze, "Keep what a review was shown in reviews/YYYY-MM/ of the data folder.")
    freeze.add_argument("month", type=_month, metavar="YYYY-MM", help="month of the published snapshot")
    freeze.add_argument("--data", type=_folder, required=True, metavar="DIR", help="data folder")
    freeze.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    freeze.add_argument("--replace", action="store_true", help="replace a month that is frozen otherwise")

    told = add("report", _report, "Write a review as one HTML file, a summary for chat, and the CSV bundle as a zip.")
    told.add_argument("month", type=_month, metavar="YYYY-MM", help="month of the published snapshot, or a frozen one")
    told.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language (default: %(default)s)")
    told.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    told.add_argument("--to", type=_place, required=True, metavar="DIR", help="folder to write to")
    told.add_argument("--minutes", type=_minutes, metavar="N", help="cut the agenda to a meeting of so long")

    serve = add("serve", _serve, "Open the dashboard in a browser, on this machine only.")
    serve.add_argument("--store", type=_place, default=STORE, help="folder of the snapshots (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8501, help="port (default: %(default)s)")
    serve.add_argument(
        "--address", type=_address, default="localhost", help="address to listen on (default: %(default)s)"
    )
    serve.add_argument("--no-browser", action="store_true", help="do not open a browser window")

    schema = add("schema", _schema, "Write JSON Schema files for every YAML input, and the data dictionary.")
    schema.add_argument("folder", metavar="DIR", type=_place, help="folder to write to")
    return parser


def _as_of(parser: argparse.ArgumentParser, day: Callable[[str], dt.date] | None = None) -> None:
    parser.add_argument(
        "--as-of", type=day or _day, default=_today(), metavar="YYYY-MM-DD",
        help="the day to judge on; what is dated later is left out (default: today)",
    )  # fmt: skip


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _place(text: str) -> Path:
    if not text.strip():  # a variable that is not set; as a path it would be the folder in which one stands
        raise argparse.ArgumentTypeError("found nothing, expected a folder; the one you are in is called .")
    return Path(text)


def _folder(text: str) -> Path:
    path = _place(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(
            f"found {'a file' if path.exists() else 'no folder'} {text}, expected a folder"
        )
    return path


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text}, expected a date such as 2026-09-30") from None
    if day.year not in YEARS:
        raise argparse.ArgumentTypeError(f"found {text}, expected a day of the years 1970 to 2999")
    return day


def _day_so_far(text: str) -> dt.date:
    """A day that may be written into a file: what is dated after today is a problem of every build."""
    if (day := _day(text)) > _today():
        raise argparse.ArgumentTypeError(f"found {text}, expected a day up to today, which is {_today()} in UTC")
    return day


def _month(text: str) -> str:
    try:
        return f"{dt.datetime.strptime(text, '%Y-%m'):%Y-%m}"
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text}, expected a month such as 2026-09") from None


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"found {text}, expected a port from 1 to 65535")
    return int(text)


def _minutes(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"found {text}, expected minutes such as 60")
    return found


@building.uncollected()
def _check(options: argparse.Namespace) -> int:
    reading = registry.read_folder(options.folder, options.as_of, _today())
    return _tell(options.folder, _all_problems(options, reading))


def _all_problems(options: argparse.Namespace, reading: Reading) -> list[Problem]:
    found = store.check_buckets(options.folder, reading.bundle, options.as_of, today=_today())
    return sorted({*reading.problems, *found})


@building.uncollected()
def _build(options: argparse.Namespace) -> int:
    _say(f"reading {options.folder}")
    reading = registry.read_folder(options.folder, options.as_of, _today())
    made = reading.bundle
    if not (made.scoring and made.budget_policy and made.risk_policy and made.review_policy):
        _tell(options.folder, _all_problems(options, reading))
        return _refused(options.store)  # without policies nothing can be judged
    if _errors(reading.problems) and not options.keep_going:
        _tell(options.folder, _all_problems(options, reading))
        return _refused(options.store)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    built = store.build(
        options.store, options.folder, reading.bundle, reading.problems, options.as_of, now, options.keep_going, _say,
        _today(),
    )  # fmt: skip
    _tell(options.folder, built.problems)
    if built.snapshot is None:
        return _refused(options.store)
    counted = ", ".join(f"{built.rows[name]} {name}s" for name in ("product", "practice", "assessment", "risk", "slo"))
    _say(f"published {built.snapshot.name}: {counted}, as of {options.as_of}")
    return FINE


def _refused(folder: Path) -> int:
    last = store.current(folder)
    _say(f"nothing was published; {f'{last.name} stays up' if last else 'there is no earlier snapshot'}")
    return PROBLEMS


def _assess(options: argparse.Namespace) -> int:
    try:
        assess.run(options)
    except assess.WrongUse as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except assess.NotWritten as error:
        print(error, file=sys.stderr)
        return _tell(options.data, error.problems) if error.problems else PROBLEMS
    return FINE


def _fetch(options: argparse.Namespace) -> int:
    today = _today()
    reading = registry.read_folder(options.folder, today)
    asked = [s.record for s in reading.bundle.sources if s.record.kind in _FETCHERS]
    wanted = [source for source in asked if options.source in (None, source.id)]
    if options.source and not wanted:
        known = ", ".join(source.id for source in asked) or "none"
        print(f"found no source {options.source} in sources.yaml, expected one of: {known}", file=sys.stderr)
        return WRONG_USE
    mine = ("sources.yaml", "slos/", *(["signals.yaml"] if any(s.kind == "github" for s in wanted) else []))
    if _errors([p for p in reading.problems if p.file.startswith(mine)]):
        return _tell(options.folder, [p for p in reading.problems if p.file.startswith(mine)])
    if not wanted:
        _say(f"{options.folder}/sources.yaml names no server; nothing to fetch")
        return FINE
    raw = options.folder / "raw"
    raw.mkdir(exist_ok=True)
    try:
        with written.only_writer(raw, wait=False):
            asked = [_fetch_one(source, reading.bundle, options.folder) for source in wanted]
    except BlockingIOError:
        print(f"another fetch is running in {raw}; wait for it to end", file=sys.stderr)
        return PROBLEMS
    return FINE if all(asked) else PROBLEMS


def _fetch_one(source: Source, bundle: Bundle, folder: Path) -> bool:
    """Whether all went well; what went wrong is told, and the other sources go on."""
    fetch, troubles = _FETCHERS[source.kind]
    try:
        return fetch(source, bundle, folder)
    except troubles as error:
        _say(f"{source.id}: {error}")
        return False


def _fetch_prometheus(source: PrometheusSource, _: Bundle, folder: Path) -> bool:
    now, raw = dt.datetime.now(dt.UTC), folder / "raw"
    found = recorded.discover(source, raw, now=now)
    slos = [s.record for s in registry.read_folder(folder, now.date()).bundle.slos]  # with those found just now
    fetched = prometheus.fetch(source, slos, raw, now=now, say=_say)
    _say(
        f"{source.id}: {fetched.slos} SLOs ({found.slos} recorded by Sloth and Pyrra were found), {fetched.buckets} "
        f"buckets; {fetched.days_written} days written, {fetched.days_already_there} were there"
    )
    _say_each(source.id, warning=found.warnings + fetched.warnings)
    return True


def _fetch_github(source: GithubSource, bundle: Bundle, folder: Path) -> bool:
    signals, products = [s.record for s in bundle.signals], {p.record.id for p in bundle.products}
    fetched = github.fetch(source, signals, products, folder / "raw", now=dt.datetime.now(dt.UTC), say=_say)
    _say(
        f"{source.id}: {fetched.products} products, {fetched.repositories} repositories; {fetched.observations} "
        f"observations written, {fetched.already_there} were there; {fetched.asked} questions, "
        f"{fetched.unchanged} answers as before"
    )
    _say_each(source.id, inconclusive=fetched.unclear, warning=fetched.warnings, failed=fetched.failures)
    return not fetched.failures


def _fetch_datadog(source: DatadogSource, _: Bundle, folder: Path) -> bool:
    fetched = datadog.fetch(source, folder / "raw", now=dt.datetime.now(dt.UTC), say=_say)
    _say(
        f"{source.id}: {fetched.slos} SLOs ({fetched.left_out} left out), {fetched.corrections} corrections, "
        f"{fetched.buckets} buckets; {fetched.days_written} days written, {fetched.days_already_there} were there"
    )
    _say_each(source.id, warning=fetched.warnings, failed=fetched.failures)
    return not fetched.failures


def _fetch_sentry(source: SentrySource, _: Bundle, folder: Path) -> bool:
    fetched = sentry.fetch(source, folder / "raw", now=dt.datetime.now(dt.UTC), say=_say)
    _say(
        f"{source.id}: {fetched.slos} SLOs, {fetched.buckets} buckets; "
        f"{fetched.days_written} days written, {fetched.days_already_there} were there"
    )
    _say_each(source.id, warning=fetched.warnings, failed=fetched.failures)
    return not fetched.failures


def _fetch_issues(source: GithubIssuesSource | JiraSource, _: Bundle, folder: Path) -> bool:
    fetched = (jira if source.kind == "jira" else github_issues).fetch(
        source, folder / "raw", now=dt.datetime.now(dt.UTC)
    )
    _say(f"{source.id}: {fetched.issues} issues, {fetched.changed} of them new or changed")
    _say_each(source.id, warning=fetched.warnings, failed=fetched.failures)
    return not fetched.failures


def _say_each(source: str, **lines: list[str]) -> None:
    for kind, several in lines.items():
        for line in several:
            _say(f"{source}: {kind}: {line}")


# Kinds of sources that are servers, with their fetcher and what it raises; the other kinds are files.
_FETCHERS = {
    "prometheus": (_fetch_prometheus, (*prometheus.FETCH_FAILED, kept_answers.KeptAnswerIsDamaged)),
    "github": (_fetch_github, github.FETCH_FAILED),
    "datadog": (_fetch_datadog, datadog.FETCH_FAILED),
    "sentry": (_fetch_sentry, sentry.FETCH_FAILED),
    "github-issues": (_fetch_issues, github_issues.FETCH_FAILED),
    "jira": (_fetch_issues, jira.FETCH_FAILED),
}


def _risk(options: argparse.Namespace) -> int:
    snapshot = store.open_current(options.store)
    if snapshot is None:
        return _no_snapshot(options.store)
    drafts = {row["id"]: row for row in snapshot.query("risk_drafts", product=None).to_dict("records")}
    if options.deed == "drafts":
        for key, row in drafts.items():
            print(f"{key}: {row['reason_en']} ({row['src_file']}:{row['src_line']})")
        return FINE
    lacking = [name for name in ("id", "folder", "by") if getattr(options, name) is None]
    if lacking or options.id not in drafts:
        found = f"no {', '.join(lacking)}" if lacking else f"no draft {options.id}"
        print(
            f"found {found}, expected: guidemap risk accept ID DIR --by NAME; see guidemap risk drafts", file=sys.stderr
        )
        return WRONG_USE
    try:
        key, line = risk_accept.accept(
            options.folder, drafts[options.id]["record"], options.by, options.key, options.as_of
        )
    except risk_accept.NotAccepted as error:
        print(error, file=sys.stderr)
        return PROBLEMS
    except written.NotWritten as error:
        return _not_written(options.folder, error)
    _say(f"{options.folder / risk_accept.FILE}:{line}: {key}; complete it, then run: guidemap build {options.folder}")
    return FINE


def _not_written(folder: Path, error: written.NotWritten) -> int:
    print(error, file=sys.stderr)
    return _tell(folder, error.problems) if error.problems else PROBLEMS


def _decide(options: argparse.Namespace) -> int:
    names = ("slo", "risk", "practice", "product", "decision", "reason", "owner", "due", "until")
    fields = {name: getattr(options, name) for name in names}
    fields |= {"decided_by": options.by, "decided_on": options.as_of}
    try:
        key, line = decide.decide(options.folder, fields, options.as_of)
    except written.NotWritten as error:
        return _not_written(options.folder, error)
    _say(f"{options.folder / decisions.FILE}:{line}: {key}; it is shown after: guidemap build {options.folder}")
    return FINE


def _export(options: argparse.Namespace) -> int:
    snapshot = store.open_current(options.store)
    if snapshot is None:
        return _no_snapshot(options.store)
    months = list(snapshot.query("months")["month"])
    if options.month and options.month not in months:
        wanted = f"expected one from {months[0]} to {months[-1]}" if months else "which has none"
        print(f"found no month {options.month} in the snapshot, {wanted}", file=sys.stderr)
        return WRONG_USE
    made = export.bundle(snapshot.query, options.month)
    whole_files.put_all(options.to, {name: partial(export.to_csv, frame) for name, frame in made.items()})
    for name, frame in made.items():
        print(f"{options.to / name}: {len(frame)} rows")
    return FINE


def _freeze(options: argparse.Namespace) -> int:
    if store.current(options.store) is None:
        return _no_snapshot(options.store)
    try:
        target, written = store.freeze(options.store, options.data, options.month, options.replace)
    except store.TheSnapshotIsOfAnotherMonth as error:
        print(
            f"found a snapshot as of {error}, expected one of {options.month}; "
            f"run: guidemap build {options.data} --as-of DAY, with a day of that month",
            file=sys.stderr,
        )
        return WRONG_USE
    except store.TheSnapshotIsOfAnotherFolder as error:
        wanted = f"expected {options.data}; run: guidemap build {options.data}"
        print(f"found a snapshot built from a folder {error}, {wanted}", file=sys.stderr)
        return WRONG_USE
    except store.TheReviewIsFrozenOtherwise as error:
        for name in error.args[0]:
            print(options.data / "reviews" / options.month / name)
        _say(f"{options.month} is frozen with other content, as listed; nothing was written (--replace to do so)")
        return PROBLEMS
    _say(f"{target}: {'written; commit it to Git' if written else 'frozen already, and the same to the byte'}")
    return FINE


def _report(options: argparse.Namespace) -> int:
    if store.current(options.store) is None:
        return _no_snapshot(options.store)
    snapshot = store.open_month(options.store, options.month)
    if snapshot is None:
        known = ", ".join(store.months_to_open(options.store))
        print(f"found no review of {options.month} in {options.store}, expected one of: {known}", file=sys.stderr)
        return WRONG_USE
    made = report.files(snapshot.query, options.lang, options.month, options.minutes)
    whole_files.put_all(options.to, made)
    for name in made:
        print(options.to / name)
    return FINE


def _no_snapshot(folder: Path) -> int:
    print(f"found no snapshot in {folder}, expected one; run: guidemap build DIR", file=sys.stderr)
    return WRONG_USE


def _serve(options: argparse.Namespace) -> int:
    if options.store.exists() and not options.store.is_dir():
        print(f"found a file {options.store}, expected a folder of snapshots", file=sys.stderr)
        return WRONG_USE
    if trouble := _not_free(options.address, options.port):
        print(trouble, file=sys.stderr)
        return WRONG_USE
    if store.current(options.store) is None:
        _say(f"no snapshot in {options.store} yet; pages fill after: guidemap build DIR --store {options.store}")
    command = [
        sys.executable, "-m", "maturity.server", "run", str(ROOT / "dashboard.py"),
        "--server.port", str(options.port), "--server.address", options.address,
        "--server.headless", "true" if options.no_browser else "false",
    ]  # fmt: skip
    environment = os.environ | {"GUIDEMAP_STORE": str(options.store.resolve())}
    _say(f"dashboard on http://{options.address}:{options.port}, Ctrl-C stops it")
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from where it is started
    os.execve(command[0], command, environment)
    return FINE


def _not_free(address: str, port: int) -> str | None:
    """What keeps a server from listening there: Streamlit would end in a traceback or in words without an address."""
    try:
        kind, _, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        return f"found address {address}, expected a name or number of this machine, such as localhost or 0.0.0.0"
    with socket.socket(kind, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: what just ended is free
        try:
            tried.bind(place)
            tried.listen()
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return f"found address {address}, expected one of this machine, such as localhost or 0.0.0.0"
            found = "taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
            return f"found port {port} of {address}: {found}, expected a free port; name another with --port"
    return None


def _address(text: str) -> str:
    if not text.strip():  # a variable that is not set; the server would listen on every address of the machine
        raise argparse.ArgumentTypeError("found nothing, expected an address such as localhost or 0.0.0.0")
    return text


def _schema(options: argparse.Namespace) -> int:
    for path in schemas.write(options.folder, tables.all_columns()):
        print(path)
    return FINE


def _errors(problems: list[Problem]) -> bool:
    return any(problem.level == "error" for problem in problems)


def _tell(folder: Path, problems: list[Problem]) -> int:
    """Print every problem with a path that an editor can follow, and how many there are."""
    for problem in problems:
        # As a path, the whole line would lose one of the slashes of an address that it quotes.
        where = "" if problem.file.startswith("default/") else f"{folder / problem.file}"
        print(f"{where}{str(problem).removeprefix(problem.file if where else '')}")
    errors = sum(problem.level == "error" for problem in problems)
    print(f"{errors} problems, {len(problems) - errors} warnings in {folder}")
    return PROBLEMS if errors else FINE


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
