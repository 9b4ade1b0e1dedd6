"""SLI buckets from CSV and Parquet into the snapshot under construction, read by the engine itself.

A bucket is (slo, start, good, total). Where (slo, start) is given again, the last one wins: files count in the order
raw/ before sli/, then by name; within a file the later row. So a change of what was measured is a row in a later file.

Files are summed by day once (`bucket_parts`), and taken from the snapshot before where they did not change. Only days
whose sum would be wrong are read again bucket by bucket into the table `bucket`: a bucket that came twice, a
correction, a change of clocks, a composite. The other buckets of the last days, for the burn rates, are in `recent`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from maturity import bucket_parts, bucket_rows, burn_rows, earlier
from maturity.bucket_rows import Cursor, Named
from maturity.records.bundle import Bundle, SourceFile
from maturity.records.problems import Problem, is_utf8
from maturity.records.slos import Slo

# Parquet files that are summed at once: what has to be in memory grows with them.
_AT_ONCE = 100
# Tables that every build makes anew. `sli_part` and `row_day` stay in a copy of the snapshot before.
ANEW = ("bucket_file", "slo_bucket", "bucket", "recent", "burn_end")
_LENGTH = {"bucket_seconds": "bigint", "counted_as": "varchar"}


@dataclass
class _Read:
    """What is known of the files of one build."""

    named: Named
    rejected: dict[int, set[int]]
    rows: dict[int, int]  # rows that stand in a file, rejected ones left out
    bad: dict[int, int]


def files(folder: Path) -> Named:
    """Bucket files in the order in which they count, with their names in messages; `raw/` holds signals too."""
    found = []
    for top in ("raw", "sli"):
        for end in ("csv", "parquet"):
            found += [p for p in (folder / top).rglob(f"*.{end}") if not p.name.startswith(".") and is_utf8(str(p))]
    found = [path for path in found if path.is_file()]  # no folder, and no link to nothing
    order = {"raw": 0, "sli": 1}
    named = [(path, path.relative_to(folder).as_posix()) for path in found]
    named = [(path, file) for path, file in named if not PurePosixPath(file).match("raw/*/signals/*.csv")]
    return sorted(named, key=lambda pair: (order[pair[1].split("/")[0]], pair[1]))


def load(
    cur: Cursor, folder: Path, bundle: Bundle, as_of: dt.date, today: dt.date, burns: set[int], copied: bool = False
) -> tuple[list[Problem], list[SourceFile], dt.date]:
    """Fill the tables `sli_part`, `row_day`, `bucket`, `recent`, `burn_end`, `bucket_file` and `slo_bucket`.

    Bad rows are left out and come back as problems. Rows after `as_of` (UTC) are left out, rows after `today` are bad.
    `recent` holds the last buckets, added up as far as windows of `burns` (minutes) do not tell them apart.

    With `copied`, `cur` writes into a copy of the snapshot attached as `earlier`: what is known of files that did not
    change stays. The day from which on sums can differ comes back; `bucket` holds what is needed to count from it on.
    """
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    read = _Read(files(folder), defaultdict(set), {}, {})
    slos = [loaded.record for loaded in bundle.slos]
    _file_table(cur, read.named)
    _declare(cur, slos)
    bucket_parts.declare(cur, [slo for slo in slos if not slo.members], end)
    cur.execute("create or replace temp table kept (file int, old_file int, accepted bigint)")
    if not copied:
        bucket_parts.create(cur)
        cur.execute("create table row_day (slo varchar, day date)")
    kept = _take_over(cur, end) if copied else set()
    problems = _read_new(cur, read, kept, today, end)
    problems += _lengths(cur, bundle)
    since = earlier.first_measured(cur) if copied else dt.date.min
    _row_days(cur, bundle, end, since)
    problems += _settle(cur, read, kept, burn_rows.windows(cur, measured(cur, as_of)[1], burns), since)
    _all_hold(cur, slos, since)
    return problems, _source_files(cur, read, kept), since


def _file_table(cur: Cursor, named: Named) -> None:
    """Every file with what tells that it changed: its size and its time."""
    stats = [(file, number, path.stat()) for number, (path, file) in enumerate(named)]
    kinds = {"path": "varchar", "file": "int", "size": "bigint", "changed_ns": "bigint", "accepted": "bigint"}
    rows = [(file, number, stat.st_size, stat.st_mtime_ns, 0, True) for file, number, stat in stats]
    bucket_rows.fill(cur, "bucket_file", kinds | {"clean": "boolean"}, rows, temporary=False)
    places = [(str(path), number) for number, (path, _) in enumerate(named)]
    bucket_rows.fill(cur, "file_place", {"location": "varchar", "file": "int"}, places)


def _counted_as(slo: Slo) -> str:
    """How an SLO counts its days: a part that was counted otherwise cannot be taken over."""
    return f"{slo.method} {slo.time_zone} {slo.slice_minutes} {slo.slice_target} {slo.bucket_seconds}"


def _declare(cur: Cursor, slos: list[Slo]) -> None:
    rows = [(slo.id, slo.bucket_seconds, _counted_as(slo)) for slo in slos if not slo.members]
    bucket_rows.fill(cur, "known_slo", {"slo": "varchar"} | _LENGTH, rows)


def _take_over(cur: Cursor, end: dt.datetime) -> set[int]:
    """Keep the parts of files that are as they were when the earlier snapshot was built, and whose SLOs count alike."""
    cur.execute(
        """
        insert into kept
        with recounted as (
            select b.slo
            from earlier.slo_bucket b
            left join known_slo k using (slo)
            where k.counted_as is distinct from b.counted_as
        )
        select now.file, old.file as old_file, old.accepted
        from bucket_file now
        join earlier.bucket_file old using (path, size, changed_ns)
        where old.clean
            and old.file not in (select file from earlier.sli_part where last_start >= $1)
            and old.file not in (select p.file from earlier.sli_part p semi join recounted using (slo))
        """,
        [end],
    )
    cur.execute("delete from sli_part where file not in (select old_file from kept)")
    if cur.execute("select exists (from kept where file <> old_file)").fetchone()[0]:
        cur.execute("update sli_part set file = kept.file from kept where kept.old_file = sli_part.file")
    cur.execute("update bucket_file set accepted = kept.accepted from kept where kept.file = bucket_file.file")
    return {file for (file,) in cur.execute("select file from kept").fetchall()}


def _read_new(cur: Cursor, read: _Read, kept: set[int], today: dt.date, end: dt.datetime) -> list[Problem]:
    """Sum the files that were not taken over; what is wrong in them is told by line."""
    bucket_rows.create(cur)
    problems: list[Problem] = []
    texts, parquets = defaultdict(list), []
    for number, (path, file) in enumerate(read.named):
        if number in kept:
            continue
        if path.suffix == ".parquet":
            parquets.append(number)
            continue
        header, trouble = bucket_rows.csv_header(path, file)
        problems += trouble
        if not trouble:
            texts[header].append(number)
    shapes, trouble = bucket_rows.parquet_headers(cur, read.named, parquets)
    problems += trouble
    slow = []
    for numbers in shapes.values():
        for i in range(0, len(numbers), _AT_ONCE):
            slow += _scan_parquet(cur, read.named, numbers[i : i + _AT_ONCE], end)
    for header, numbers in texts.items():
        problems += bucket_rows.read_csv(cur, read.named, numbers, header, read.rejected)
    problems += bucket_rows.read_parquet(cur, read.named, sorted(slow))
    problems += list(bucket_rows.bad_rows(cur, read.named, read.rejected, end, today))
    read.bad = dict(cur.execute("select file, count(*) from bad group by file").fetchall())
    if cur.execute("select count(*) from incoming").fetchone()[0]:
        bucket_parts.scan_rows(cur)
    told = {problem.file for problem in problems}
    # A file with later rows is read again: the next build may want them.
    later = {number for (number,) in cur.execute("select distinct file from later").fetchall()}
    bad = {n for n, lines in read.rejected.items() if lines} | read.bad.keys() | later
    unclean = [n for n, (_, file) in enumerate(read.named) if file in told or n in bad]
    cur.execute("update bucket_file set clean = false where list_contains($1::int[], file)", [unclean])
    cur.execute(
        """
        update bucket_file set accepted = p.rows
        from (select file, sum(buckets)::bigint as rows from sli_part group by file) p where p.file = bucket_file.file
        """
    )
    return problems


def _scan_parquet(cur: Cursor, named: Named, numbers: list[int], end: dt.datetime) -> list[int]:
    """Sum Parquet files of one shape; the numbers of those that have to be read row by row come back."""
    try:
        return bucket_parts.scan_parquet(cur, [str(named[n][0]) for n in numbers], numbers, end)
    except Exception:  # a column that is no number or time in some file: each is looked at on its own
        return numbers


def _lengths(cur: Cursor, bundle: Bundle) -> list[Problem]:
    """Table `slo_bucket`: length of an SLO's buckets; slices cannot be shorter than it."""
    lengths = bucket_parts.bucket_lengths(cur, [loaded.record for loaded in bundle.slos])
    problems, rows = [], []
    for loaded in bundle.slos:
        slo, seconds = loaded.record, lengths[loaded.record.id]
        if slo.combine == "all_hold":
            seconds = slo.slice_minutes * 60
        rows.append((slo.id, seconds, _counted_as(slo)))
        if slo.slice_minutes and seconds and seconds > slo.slice_minutes * 60:
            wanted = f"buckets of at most the slice of {slo.slice_minutes} minutes"
            problems.append(
                loaded.trouble(("metadata", "name"), f"{slo.id} with buckets of {seconds // 60} minutes", wanted)
            )
    bucket_rows.fill(cur, "slo_bucket", {"slo": "varchar"} | _LENGTH, rows, temporary=False)
    return problems


def _row_days(cur: Cursor, bundle: Bundle, end: dt.datetime, since: dt.date) -> None:
    """Table `row_day`: days of SLOs whose files cannot simply be summed; those before `since` are there."""
    changes = {zone: bucket_parts.clock_change_days(zone, end) for zone in {s.record.time_zone for s in bundle.slos}}
    rows = [(s.record.id, day) for s in bundle.slos for day in changes[s.record.time_zone]]
    bucket_rows.fill(cur, "odd_day", {"slo": "varchar", "day": "date"}, rows)
    for loaded in bundle.slos:
        if loaded.record.combine == "all_hold":
            members = [member.slo for member in loaded.record.members]
            cur.execute(
                "insert into odd_day select distinct slo, day from sli_part where list_contains($1, slo) and day >= $2",
                [members, since],
            )
    cur.execute("delete from row_day where day >= $1", [since])
    cur.execute(
        """
        insert into row_day
        with part as (from sli_part where day >= $1),
        shared as (
            select
                slo,
                day,
                first_start <= max(last_start) over (
                    partition by slo, day order by first_start, file rows between unbounded preceding and 1 preceding
                ) as overlaps
            from part
            semi join (select slo, day from part group by all having count(*) > 1) using (slo, day)
        )
        select p.slo, p.day
        from part p
        left join odd_day o on o.slo = p.slo and o.day = p.day
        left join correction_span c on c.slo = p.slo and c.starts_at <= p.last_start and c.ends_at > p.first_start
        where p.twice or o.slo is not null or c.slo is not null
        union
        select p.slo, p.day
        from shared p
        left join sliced s using (slo)
        left join slo_bucket b using (slo)
        where p.overlaps or s.slice_seconds > b.bucket_seconds
        """,
        [since],
    )


def measured(cur: Cursor, as_of: dt.date) -> tuple[dt.date | None, dt.datetime]:
    """First day with a bucket, and the instant (UTC) up to which buckets can be expected.

    That is the end of the snapshot's day; while that day is still running, the end of its newest bucket.
    """
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    oldest, newest = cur.execute(
        "select min(p.first_start)::date, max(p.last_start + to_seconds(s.bucket_seconds)) "
        "from sli_part p join slo_bucket s using (slo)"
    ).fetchone()
    running = newest is not None and newest > end - dt.timedelta(days=1)
    return oldest, min(newest, end) if running else end


def _settle(cur: Cursor, read: _Read, kept: set[int], burns: burn_rows.Burns, since: dt.date) -> list[Problem]:
    """Table `bucket`: rows of the days of `row_day`, the last of each (slo, start); in `kept_` is what a correction
    leaves of it, nothing where there is none. Table `recent`: rows of the other days since the first of `burns` begins.

    Tells in which files other values were replaced. A composite's day from `since` on lies on other days of its
    members, where clocks differ.
    """
    recent = burns.begin
    first = min(since, recent.date()) - earlier.CLOCKS if since > dt.date.min else since
    cur.execute(
        """
        create or replace temp table wanted as
        select p.file, p.slo, min(p.first_start) as first_start, max(p.last_start) as last_start, p.day
        from sli_part p semi join row_day using (slo, day) where p.day >= $1 group by p.file, p.slo, p.day
        """,
        [first],
    )
    _incoming(cur, read, kept, recent)
    cur.execute(
        """
        create or replace temp table candidate as
        select i.slo, i.start, i.good, i.total, i.file, i.rowid as row
        from incoming i
        join wanted w on w.file = i.file and w.slo = i.slo and i.start between w.first_start and w.last_start
        """
    )
    held = {file for (file,) in cur.execute("select distinct file from incoming").fetchall()}
    parquets = "select distinct file from {} where not list_contains($1::int[], file) order by 1"
    files = [file for (file,) in cur.execute(parquets.format("wanted"), [list(held)]).fetchall()]
    _each(_candidates, cur, read.named, files)
    cur.execute("create or replace temp table recent (slo varchar, start timestamp, good double, total double)")
    burn_rows.add_incoming(cur, burns)
    files = [file for (file,) in cur.execute(parquets.format("recent_file"), [list(held)]).fetchall()]
    _each(burn_rows.add_parquets, cur, read.named, files, burns)
    cur.execute("drop table incoming")
    changed = cur.execute(
        """
        select file, count(*)
        from (
            select max(file) as file from candidate group by slo, start
            having count(*) > 1 and count(distinct (good, total)) > 1
        )
        group by file order by file
        """
    ).fetchall()
    cur.execute(
        """
        create or replace temp table bucket as
        with last as (
            select
                *,
                -- Where corrections overlap, leaving the time out is the stronger one.
                (select min(s.effect) from correction_span s
                 where s.slo = c.slo and c.start >= s.starts_at and c.start < s.ends_at) as effect
            from candidate c
            qualify row_number() over (partition by c.slo, c.start order by c.file desc, c.row desc) = 1
        )
        select
            l.slo,
            l.start,
            l.good,
            l.total,
            case l.effect when 'drop' then 0 when 'good' then l.total end as kept_good,
            case l.effect when 'drop' then 0 when 'good' then l.total end as kept_total
        from last l
        """
    )
    cur.execute("update bucket_file set clean = false where list_contains($1::int[], file)", [[n for n, _ in changed]])
    told = "each bucket once (the last one is used)"
    return [
        Problem(
            read.named[n][1],
            1,
            "start",
            f"{count} bucket{'s' if count > 1 else ''} given again with other values",
            told,
            "warning",
        )
        for n, count in changed
    ]


def _incoming(cur: Cursor, read: _Read, kept: set[int], recent: dt.datetime) -> None:
    """Table `recent_file`, and the rows of the CSV files that are wanted and were taken over in `incoming`."""
    recent_files = "select distinct file from sli_part where last_start >= $1"
    cur.execute(f"create or replace temp table recent_file as {recent_files}", [recent])
    needed = cur.execute("select file from wanted union select file from recent_file order by 1").fetchall()
    texts = defaultdict(list)
    for (number,) in needed:
        if number in kept and read.named[number][0].suffix == ".csv":
            texts[bucket_rows.csv_header(*read.named[number])[0]].append(number)
    for header, numbers in texts.items():
        bucket_rows.read_csv(cur, read.named, numbers, header, defaultdict(set))


def _each(add: Callable, cur: Cursor, named: Named, numbers: list[int], *more: burn_rows.Burns) -> None:
    """Add rows of Parquet files: of all together, or of each alone where their columns have other types."""
    try:
        add(cur, [str(named[number][0]) for number in numbers], numbers, *more)
    except Exception:  # the engine's own error type has its home in store.py
        for number in numbers:
            add(cur, [str(named[number][0])], [number], *more)


def _candidates(cur: Cursor, paths: list[str], numbers: list[int]) -> None:
    """Add the wanted rows of Parquet files."""
    if not paths:
        return
    cur.execute(
        """
        insert into candidate
        select r.slo, r.start::timestamp, r.good, r.total, w.file, r.file_row_number
        from read_parquet($1, file_row_number = true) r
        join wanted w on w.file = list_extract($2::int[], r.file_index::bigint + 1) and w.slo = r.slo
            and r.start::timestamp between w.first_start and w.last_start
        """,
        [paths, numbers],
    )


def _all_hold(cur: Cursor, slos: list[Slo], since: dt.date) -> None:
    """Buckets of composites whose members must all hold: one a slice, bad as soon as one member with traffic is bad.

    With RatioTimeslices the bad shares of the members add up, to all of the slice at most, as if their failures never
    hit the same event: 95 % and 95 % are 90 %. Slices count from the composite's local midnight.
    A slice without traffic in any member has no bucket, as with any other SLO.
    """
    local = "case when $2 = 'UTC' then start else timezone($2, timezone('UTC', start)) end"
    held = """
        case
            when $5 is null
                then greatest(0, 1 - sum(1 - {0}good / {0}total) filter (where {0}total > 0))
            else (bool_and({0}good >= $5 * {0}total - 1e-9) filter (where {0}total > 0))::int
        end"""
    midnight = f"timezone('UTC', timezone($2, date_trunc('day', {local})))"
    for slo in slos:
        if slo.combine != "all_hold":
            continue
        least = slo.slice_target if slo.method == "Timeslices" else None
        cur.execute(
            f"""
            insert into bucket
            with slice as (
                select
                    slo,
                    time_bucket(to_seconds($4::bigint), start, {midnight}) as start,
                    sum(good) as good,
                    sum(total) as total,
                    sum(coalesce(kept_good, good)) as kept_good,
                    sum(coalesce(kept_total, total)) as kept_total,
                    bool_or(kept_total is not null) as corrected
                from bucket
                where list_contains($3, slo)
                group by all
            )
            select
                $1,
                start,
                {held.format("")},
                1,
                case when bool_or(corrected) then coalesce({held.format("kept_")}, 0) end,
                case when bool_or(corrected) then bool_or(kept_total > 0)::int end
            from slice
            group by start
            having bool_or(total > 0)
            """,
            [slo.id, slo.time_zone, [member.slo for member in slo.members], slo.slice_minutes * 60, least],
        )
        cur.execute(
            "insert into row_day "
            f"select distinct slo, cast({local} as date) as day from bucket where slo = $1 and day >= $3",
            [slo.id, slo.time_zone, since],
        )


def _source_files(cur: Cursor, read: _Read, kept: set[int]) -> list[SourceFile]:
    accepted = dict(cur.execute("select file, accepted from bucket_file").fetchall())
    found = []
    for number, (path, file) in enumerate(read.named):
        changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(tzinfo=None, microsecond=0)
        rejected = len(read.rejected[number]) + read.bad.get(number, 0)
        found.append(SourceFile(file, "sli", accepted[number] + rejected, accepted[number], changed))
    return found
