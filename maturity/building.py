"""What a build puts into a snapshot, in the order in which one thing needs another.

Inputs, SLI buckets, practices by month, risks, budgets by day, then what rules say of all of them, and last what
changed since the last review. The connection is handed in; `maturity.store` opens it and publishes the file.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maturity import (
    buckets,
    budget_days,
    earlier,
    facts,
    filling,
    frozen,
    provision,
    risk_drafts,
    risk_facts,
    signals,
    slo_use,
    tables,
)
from maturity.bucket_rows import Cursor
from maturity.filling import Filling
from maturity.levels import Adoption, month_ends
from maturity.records.bundle import Bundle, SourceFile
from maturity.records.problems import Problem


@contextmanager
def uncollected() -> Iterator[None]:
    """Garbage in circles is left alone in here.

    Records and states are many, stay until the end and hold no circles: to look through them again and again costs a
    sixth of a build and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# Inputs that the reading of buckets asks for.
_BEFORE_BUCKETS = ("slo", "correction_span")


def begun(con: Cursor, bundle: Bundle, known: dict[str, str] | None = None) -> Filling:
    """Tables to fill, with what the reading of buckets needs in them. `known` are the sums of a copy."""
    made = Filling(con, known)
    made.create()
    for name in _BEFORE_BUCKETS:
        made.fill(name, tables.input_rows(bundle, name))
    return made


def read_buckets(
    made: Filling,
    folder: Path,
    bundle: Bundle,
    as_of: dt.date,
    today: dt.date | None,
    copied: bool,
) -> tuple[list[Problem], list[SourceFile], dt.date]:
    """Read the SLI files, see `buckets.load`."""
    made.changed(*buckets.ANEW)
    # Without a policy nothing is built, only checked, and how far back single buckets are kept changes no problem.
    alerts = bundle.budget_policy.record.burn_alerts if bundle.budget_policy else []
    minutes = {length for alert in alerts for length in (alert.long_minutes, alert.short_minutes)} or {1}
    return buckets.load(made.cur, folder, bundle, as_of, max(as_of, today or as_of), minutes, copied)


# Views up to here give single days; views from there on speak of what rules made of the others.
_DAY_VIEWS, _LAST_VIEWS = "50", "90"


def fill(
    made: Filling,
    folder: Path,
    bundle: Bundle,
    problems: list[Problem],
    as_of: dt.date,
    now: dt.datetime,
    say: Callable[[str], None],
    since: dt.date,
    copied: bool,
) -> None:
    """Every table and view.

    `since` is the first day whose measurements can differ from those in a copy of the snapshot before.
    """
    con = made.cur
    oldest, until = buckets.measured(con, as_of)
    first = facts.first_day(bundle, oldest, as_of)
    say("judging practices")
    months = month_ends(first, as_of)
    bundle.observations += signals.own(bundle, [day for _, day in months], _measured_days(con), as_of)
    filled: dict[str, Iterable[dict]] = {
        name: tables.input_rows(bundle, name) for name in tables.INPUTS if name not in _BEFORE_BUCKETS
    }
    filled["checklist_item"] = tables.checklist_rows(bundle)
    filled["policy"] = tables.policy_rows(bundle)
    filled["month"] = [{"month": month, "as_of": day} for month, day in months]
    for name, values in filled.items():
        made.fill(name, values)
    _keep_months(made, earlier.first_stated(con, made.same) if copied else dt.date.min)
    adoption = Adoption.of(bundle)
    there = {month for (month,) in con.execute("select distinct month from product_level").fetchall()}
    for name, values in facts.month_rows(adoption, [pair for pair in months if pair[0] not in there]).items():
        made.add(name, values)
    filled = {"regression": facts.fall_rows(adoption, as_of)}
    filled |= risk_facts.risk_rows(bundle, adoption, as_of, _simulated(con) if copied else {})
    filled |= facts.slo_rows(bundle, first, as_of, until)
    filled["problem"] = tables.problem_rows(problems)
    filled["source_file"] = [vars(file) for file in bundle.files]
    filled["meta"] = [{"as_of": as_of, "until": until, "folder": folder.resolve().name}]
    filled["review"] = [
        {
            "month": r.record.month,
            "as_of": r.record.as_of,
            "file": frozen.name_in_store(r.record),
            "src_file": r.file,
            "src_line": r.line,
        }
        for r in bundle.reviews
    ]
    filled["policy_action"] = tables.action_rows(bundle)
    filled["burn_alert"] = tables.alert_rows(bundle)
    filled["shown_figure"] = _shown_again(con, folder, bundle, as_of)
    for name, values in filled.items():
        made.fill(name, values)
    # Nothing is computed from the time of the build, so it is no part of what the table is made of.
    con.execute("update meta set built_at = $1", [now])
    say("computing budgets")
    made.changed(*budget_days.fill(con, _day_views(), since, copied, made.same))
    for path in filling.view_files():
        if _DAY_VIEWS <= path.name < _LAST_VIEWS:
            made.view(path)
    say("judging SLOs")
    used = facts.use_rows(bundle, _seen_slos(con, bundle, as_of), as_of)
    used["risk_draft"] = risk_drafts.rows(bundle, _firing(con), as_of)
    for name, values in used.items():
        made.fill(name, values)
    say("comparing with the last review")
    for path in filling.view_files():
        if path.name >= _LAST_VIEWS:
            made.view(path)
    made.fill("first_step", risk_facts.bought(bundle, as_of, _listed(con)))


def _keep_months(made: Filling, stated: dt.date) -> None:
    """Take out what is known of practices in months that are not judged before `stated`."""
    for name in facts.BY_MONTH:
        (gone,) = made.cur.execute(
            f"delete from {name} where as_of >= $1 or (month, as_of) not in (select (month, as_of) from month)",
            [stated],
        ).fetchone()
        (made.rows[name],) = made.cur.execute(f"select count(*) from {name}").fetchone()
        if gone:
            made.changed(name)


def _simulated(con: Cursor) -> dict[str, dict[str, Any]]:
    """Simulated years of the snapshot before, by what they were made of."""
    return {row["made_of"]: row for row in _rows(con, "from earlier.simulated_year")}


def _listed(con: Cursor) -> list[dict[str, Any]]:
    """The one list, as far as its steps are priced from it."""
    names = ("position", "kind", "id", "product", "saved_minutes", "effort_days", "saved_per_day")
    return _rows(con, f"select {', '.join(names)} from one_list order by position")


def _rows(con: Cursor, question: str, *given: Any) -> list[dict[str, Any]]:
    found = con.execute(question, list(given))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _firing(con: Cursor) -> list[risk_drafts.Burn]:
    """Burn alerts that fire at the end of the snapshot, the gravest of each SLO."""
    found = con.execute(
        "select slo, action, long_minutes, long_burn_rate, threshold from slo_burn_alert where fires "
        "qualify row_number() over (partition by slo order by position) = 1 order by slo"
    ).fetchall()
    return [risk_drafts.Burn(*row) for row in found]


def _seen_slos(con: Cursor, bundle: Bundle, as_of: dt.date) -> dict[str, facts.SeenSlo]:
    """What the views say of each SLO: its coverage today, its whole windows and its newest stretch to decide about."""
    policy = bundle.budget_policy.record
    seen: dict[str, facts.SeenSlo] = defaultdict(facts.SeenSlo)
    today = "select slo, coverage from slo_status where day = $1 and units > 0"
    for slo, coverage in con.execute(today, [as_of]).fetchall():
        seen[slo].coverage = coverage
    for slo, since in con.execute("select slo, min(day) from slo_status where day_buckets > 0 group by slo").fetchall():
        seen[slo].measured_since = since
    newest = (
        "select slo, arg_max(kind, last), arg_max(first, last), max(last) from slo_episode where last > $1 group by slo"
    )
    for slo, *episode in con.execute(newest, [as_of - dt.timedelta(days=policy.review_cycle_days)]).fetchall():
        seen[slo].episode = slo_use.Episode(*episode)
    windows = (
        "select slo, window_start, window_end, units, bad_units, proving_units, coverage, budget_minutes "
        "from slo_whole_window "
        "where place <= $1 and units > 0 order by slo, place"
    )
    for slo, *window in con.execute(windows, [policy.over_provided.windows]).fetchall():
        seen[slo].windows.append(provision.Window(*window))
    return seen


def _measured_days(con: Cursor) -> dict[str, list[dt.date]]:
    """SLO -> its local days with a bucket, in order."""
    return dict(con.execute("select slo, list_sort(list(distinct day)) from sli_part group by slo").fetchall())


def _shown_again(con: Cursor, folder: Path, bundle: Bundle, as_of: dt.date) -> list[dict[str, Any]]:
    """What the last review before this month was shown; what it was frozen without, as an older one, is empty."""
    months = [r.record.month for r in bundle.reviews if r.record.month < f"{as_of:%Y-%m}"]
    if not months:
        return []
    path = folder / frozen.FOLDER / max(months) / "tables" / "figure.parquet"
    if not path.is_file():
        return []
    had = frozen.columns(con, path)
    names = ", ".join(
        f'"{name}"' if name in had else f'null as "{name}"' for name in tables.all_columns()["shown_figure"]
    )
    return _rows(con, f"select {names} from read_parquet($1) where month = $2", str(path), max(months))


def _day_views() -> dict[str, str]:
    """The views that give single days, by name, for `budget_days`."""
    files = [path for path in filling.view_files() if path.name < _DAY_VIEWS]
    return {filling.view_name(path): path.read_text(encoding="utf-8") for path in files}
