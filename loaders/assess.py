"""`guidemap assess`: answer for one product in the terminal, re-confirm many practices at once, or write a form."""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from loaders import assess_dialog, assess_form, assess_log, registry
from loaders.assess_log import NotWritten
from loaders.assess_task import Task
from loaders.assess_words import Voice
from loaders.reading import Reading
from maturity import whole_files
from maturity.records.guide_map import AssessmentEntry, Practice
from maturity.records.products import Product
from maturity.text import LANGUAGES, preferred

ALL = "all"


class WrongUse(Exception):
    """The command cannot be carried out as it was given; the message says what is expected."""


def add_arguments(command: argparse.ArgumentParser, folder: Callable, day: Callable) -> None:
    """The options of the command. `folder` and `day` turn their texts into values."""
    command.usage = "guidemap assess PRODUCT [--data DIR] [options]"
    command.add_argument("product", metavar="PRODUCT", help="product id")
    command.add_argument("--data", metavar="DIR", type=folder, help="data folder (default: here, with a products.yaml)")
    command.add_argument("--level", metavar="N", type=int, nargs="+", help="only practices of these levels")
    command.add_argument("--category", metavar="ID", nargs="+", help="only practices of these categories")
    command.add_argument("--practice", metavar="ID", nargs="+", help="only these practices, fresh or not")
    command.add_argument(
        "--reconfirm",
        metavar="ID",
        nargs="*",
        help="repeat the last answer of these practices or of all; without ID: choose",
    )
    command.add_argument("--form", metavar="FILE", type=Path, help="write a form to fill in, instead of asking")
    command.add_argument("--evidence", metavar="URL", default="", help="evidence for what is re-confirmed")
    command.add_argument(
        "--assessor", metavar="NAME", default="", help="who answers (default: user.name of git, or USER)"
    )
    command.add_argument("--on", metavar="YYYY-MM-DD", type=day, help="the day of the answers (default: today)")
    command.add_argument("--corrects", action="store_true", help="correct the answers of that day, which need an id")
    command.add_argument("--lang", choices=LANGUAGES, help="language (default: that of LC_ALL or LANG)")


def run(options: argparse.Namespace) -> None:
    """Carry out one command. WrongUse and NotWritten say why it could not be."""
    options.data = options.data or _here()
    voice = Voice(options.lang or preferred(_locale()))
    try:
        _run(options, voice)
    except KeyboardInterrupt:
        raise NotWritten(f"\n{voice('stopped')}") from None
    except assess_dialog.Ended:
        raise WrongUse(f"\n{voice('ended')}") from None


def _run(options: argparse.Namespace, voice: Voice) -> None:
    today = dt.datetime.now(dt.UTC).date()  # the day of `guidemap check`; what is later is in the future there
    on = options.on or today
    if on > today:
        raise WrongUse(f"--on: found {on}, expected a day up to today, which is {today} in UTC")
    if options.evidence.strip() and options.reconfirm is None:
        raise WrongUse("--evidence: found without --reconfirm, expected both; the dialogue asks for each practice")
    reading = registry.read_folder(options.data, today)
    task = Task(reading, _product(reading, options.product), on, voice, _assessor(options), options.corrects)
    _refuse_unknown(task, options)
    _mention_problems(task, options.data)
    if options.form:
        _form(task, options)
    elif options.reconfirm is None:
        _answer(task, options, today)
    elif options.reconfirm:
        _write(task, options, today, _repeats(task, _named(task, options.reconfirm), options))
    else:
        _choose(task, options, today)


# --------------------------------------------------------------------------------------------------------- the modes


def _answer(task: Task, options: argparse.Namespace, today: dt.date) -> None:
    """One practice after another."""
    filtered = options.level or options.category or options.practice
    wanted = list(_wanted(task, options))
    practices = task.in_order(wanted) if filtered else task.due(wanted)
    for refusal in filter(None, (task.refusal(practice.id) for practice in practices)):
        print(refusal)
    practices = [practice for practice in practices if task.refusal(practice.id) is None]
    if not practices:
        print(task.voice("nothing_due"))
        return
    fresh = sum(task.is_fresh(practice) for practice in task.practices.values())
    name = task.voice.of(task.product.name)
    print(task.voice("title", name=name, on=task.on, count=len(practices), fresh=fresh))
    _ask_assessor(task, options)
    _write_if_sure(task, options, today, assess_dialog.answer_each(task, practices, print))


def _choose(task: Task, options: argparse.Namespace, today: dt.date) -> None:
    """One list of all that is claimed."""
    wanted = {practice.id for practice in _wanted(task, options)}
    claimed = [practice for practice in task.claimed() if practice.id in wanted]
    if not claimed:
        print(task.voice("nothing_to_confirm"))
        return
    _ask_assessor(task, options)
    chosen = assess_dialog.choose(task, claimed, print)
    _write_if_sure(task, options, today, _repeats(task, chosen, options))


def _form(task: Task, options: argparse.Namespace) -> None:
    """A file to fill in."""
    practices = list(_wanted(task, options))
    inside = options.form.resolve().is_relative_to((options.data / "assessments").resolve())
    file = options.form.resolve().relative_to(options.data.resolve()).as_posix() if inside else None
    text = assess_form.form(task, practices, file or f"assessments/{task.product.id}-{task.on}.yaml")
    if options.form.exists():
        raise WrongUse(f"--form: found {options.form}, expected the name of a file that is not there yet")
    try:
        whole_files.put(options.form, text)
    except OSError as error:
        raise WrongUse(f"--form: {options.form}: {error.strerror or error}") from None
    print(task.voice("form_written", path=options.form, count=len(practices)))


def _write_if_sure(task: Task, options: argparse.Namespace, today: dt.date, entries: list[AssessmentEntry]) -> None:
    _, file = assess_log.log_of(task.reading, task.product.id)
    if entries and assess_dialog.confirm(task, entries, file, print):
        _write(task, options, today, entries)
    else:
        print(task.voice("not_written"))


def _write(task: Task, options: argparse.Namespace, today: dt.date, entries: list[AssessmentEntry]) -> None:
    if not entries:
        print(task.voice("nothing_to_confirm"))
        return
    file = assess_log.append(options.data, task.product.id, entries, today)
    print(task.voice("written", count=len(entries), file=options.data / file))


# ----------------------------------------------------------------------------------------------- which practices


def _wanted(task: Task, options: argparse.Namespace) -> Iterable[Practice]:
    """Practices that the filters let through. What does not apply is left out unless it is named."""
    for practice in task.practices.values():
        named = options.practice and practice.id in options.practice
        if (
            (named if options.practice else task.applies(practice))
            and (not options.level or practice.level in options.level)
            and (not options.category or practice.category in options.category)
        ):
            yield practice


def _named(task: Task, names: list[str]) -> list[Practice]:
    """The practices to re-confirm, in the order of the map. `all` is what is adopted and not yet confirmed that day."""
    chosen = {name for name in names if name != ALL}
    lacking = [name for name in sorted(chosen) if task.repeated(task.practices[name]) is None]
    refused = [refusal for name in sorted(chosen) if (refusal := task.refusal(name))]
    if lacking:
        refused.append(f"{', '.join(lacking)}: found no answer to repeat; answer with --practice {' '.join(lacking)}")
    if refused:
        raise WrongUse("\n".join(refused))
    if ALL in names:
        chosen |= {practice.id for practice in task.claimed() if task.sure(practice)}
    return [practice for practice in task.practices.values() if practice.id in chosen]


def _repeats(task: Task, practices: list[Practice], options: argparse.Namespace) -> list[AssessmentEntry]:
    """The last answers once more; with --evidence that is what backs them, else what backed them before."""
    url = options.evidence.strip()
    own: dict[str, Any] = {"evidence": {"url": url}} if url else {}
    return [task.statement(practice.id, {**(task.repeated(practice) or {}), **own}) for practice in practices]


# ------------------------------------------------------------------------------------------------- what was given


def _here() -> Path:
    if not Path("products.yaml").is_file():
        raise WrongUse("found no products.yaml here, expected --data DIR with the data folder")
    return Path(".")


def _locale() -> str:
    """`ja-JP` of LC_ALL=ja_JP.UTF-8."""
    given = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((text for text in given if text), "").partition(".")[0].replace("_", "-")


def _product(reading: Reading, name: str) -> Product:
    """The product; WrongUse where there is none, NotWritten where it, the map or the policy has problems."""
    bundle = reading.bundle
    known = {loaded.record.id: loaded.record for loaded in bundle.products}
    rejected = name not in known and (name in reading.seen["products"] or not known)
    if rejected or not bundle.practices or bundle.scoring is None:
        problems = [problem for problem in reading.problems if problem.level == "error"]
        raise NotWritten("the folder cannot be answered for until these are mended; nothing was written", problems)
    if name not in known:
        raise WrongUse(f"PRODUCT: found {name}, expected {_one_of(name, known)}")
    return known[name]


def _refuse_unknown(task: Task, options: argparse.Namespace) -> None:
    bundle = task.reading.bundle
    known = {
        "level": [loaded.record.level for loaded in bundle.levels],
        "category": [loaded.record.id for loaded in bundle.categories],
        "practice": list(task.practices),
        "reconfirm": [*task.practices, ALL],
    }
    wrong = [
        f"--{option}: found {name}, expected {_one_of(str(name), map(str, names))}"
        for option, names in known.items()
        for name in getattr(options, option) or ()
        if name not in names
    ]
    asked = [name for name in (*(options.practice or ()), *(options.reconfirm or ())) if name in task.practices]
    wrong += [f"{name} is not asked of {task.product.id} on {task.on}" for name in asked if not task.asks(name)]
    if wrong:
        raise WrongUse("\n".join(wrong))


def _one_of(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"one of {', '.join(names)}" + (f"; did you mean {near[0]}?" if near else "")


def _mention_problems(task: Task, folder: Path) -> None:
    """Problems elsewhere do not keep anybody from answering, but they are not passed over."""
    count = sum(problem.level == "error" for problem in task.reading.problems)
    if count:
        print(task.voice("problems", count=count, folder=folder), file=sys.stderr)


def _assessor(options: argparse.Namespace) -> str:
    """Who answers: as given, else git's user.name, else the user of this machine."""
    try:
        told = subprocess.run(
            ["git", "config", "user.name"], cwd=options.data, capture_output=True, encoding="utf-8", errors="replace"
        ).stdout
    except OSError:  # no git here
        told = ""
    names = (options.assessor, told, os.environ.get("USER"), os.environ.get("USERNAME"))
    found = next((name.strip() for name in names if name and name.strip()), "")
    if not found and (options.form or options.reconfirm):
        raise WrongUse("--assessor: found no name in git and USER, expected who answers")
    return found


def _ask_assessor(task: Task, options: argparse.Namespace) -> None:
    """Ask who answers, unless the command says so; Enter takes the name that is known."""
    while not options.assessor.strip():
        shown = f" [{task.assessor}]" if task.assessor else ""
        task.assessor = assess_dialog.line(task, f"{task.voice('who')}{shown} ") or task.assessor
        if task.assessor:
            return
