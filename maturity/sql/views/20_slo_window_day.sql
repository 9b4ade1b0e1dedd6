-- One row per SLO and local day: what its window holds on that day, still as sums.
-- units: what the method counts (events, or slices). bad_units may be a fraction with RatioTimeslices.
-- allowed_units: units that may be bad by the targets of the days seen, summed over target changes.
-- measured_*: the same without corrections. dropped_minutes: budget minutes of slices that corrections left out.
-- day_*: of the day alone, which is the last of the window.
-- proving_units: plain units that would tell as much of the bad share; of any SLO but a weighted composite all that it
-- counts. mean_bad, proving: the formulas of sql/macros.sql.
-- expected_buckets: buckets that should exist in the part of the window that has passed. coverage: how much of that part
-- was measured; of a weighted composite the mean of its members by weight, a member without data with 0 of its weight;
-- where all must hold that of the least measured member. A composite has no buckets that say so.
-- Slices without data count as the SLO says (missing_slices), from the first day that was measured, unless a
-- correction covers them. Source: docs/budgets.md.
with reached as (
    select
        *,
        max(ends_at) over (
            partition by slo order by starts_at, ends_at rows between unbounded preceding and 1 preceding
        ) as before
    from correction_span
),
-- Where corrections overlap, their time is covered once: each begins where those before it have ended.
apart as (
    select
        slo,
        greatest(starts_at, before) as starts_at,
        ends_at
    from reached
    where before is null or ends_at > before
),
covered as (
    select
        p.slo,
        p.day,
        sum(
            epoch(least(c.ends_at, p.starts_at + to_seconds((p.passed_minutes * 60)::bigint)))
            - epoch(greatest(c.starts_at, p.starts_at))
        ) / 60 as minutes
    from slo_day_plan p
    join apart c on c.slo = p.slo
        and c.starts_at < p.starts_at + to_seconds((p.passed_minutes * 60)::bigint)
        and c.ends_at > p.starts_at
    group by p.slo, p.day
),
began as (
    select
        slo,
        min(day) as day
    from slo_day
    group by slo
),
seen as (
    select * from slo_day where day between getvariable('needed_day') and getvariable('last_day')
),
planned as (
    select
        p.slo,
        p.day,
        p.target,
        p.passed_minutes,
        buckets_due(p.passed_minutes, b.bucket_seconds) as expected_buckets,
        s.method,
        s.slice_minutes,
        s.missing_slices,
        -- Slices that should have data, and did not; on a day that is still running, whole ones. A day of 23 hours has
        -- six slices of four hours, the last of them cut short.
        case
            when s.method <> 'Occurrences' and s.missing_slices in ('good', 'bad') and p.day >= g.day
                then greatest(
                    0,
                    case
                        when p.passed_minutes < p.minutes then floor(p.passed_minutes / s.slice_minutes)
                        else ceil(p.minutes / s.slice_minutes)
                    end - coalesce(d.measured_slices, 0)
                )
            else 0
        end as absent,
        greatest(0, coalesce(c.minutes, 0) / s.slice_minutes - coalesce(d.corrected_slices, 0)) as absent_covered,
        d.good,
        d.total,
        d.bad,
        d.buckets,
        d.slices,
        d.bad_slices,
        d.ratio_sum,
        d.measured_good,
        d.measured_total,
        d.measured_slices,
        d.measured_bad_slices,
        d.measured_ratio_sum
    from slo_day_plan p
    join slo s on s.id = p.slo
    left join slo_bucket b on b.slo = p.slo
    left join seen d on d.slo = p.slo and d.day = p.day
    left join began g on g.slo = p.slo
    left join covered c on c.slo = p.slo and c.day = p.day
),
counted as (
    select
        *,
        greatest(0, absent - absent_covered) as missing,
        coalesce(missing_slices = 'bad', false)::int as missing_is_bad
    from planned
),
day as (
    select
        slo,
        day,
        target,
        passed_minutes,
        expected_buckets,
        good,
        total,
        buckets,
        case when method = 'Occurrences' then total when missing > 0 then coalesce(slices, 0) + missing else slices end
            as units,
        case method
            when 'Occurrences' then bad
            when 'Timeslices' then coalesce(bad_slices, 0) + missing * missing_is_bad
            else coalesce(slices - ratio_sum, 0) + missing * missing_is_bad
        end as bad_units,
        case
            when method = 'Occurrences' then measured_total
            when absent > 0 then coalesce(measured_slices, 0) + absent
            else measured_slices
        end as measured_units,
        case method
            when 'Occurrences' then measured_total - measured_good
            when 'Timeslices' then coalesce(measured_bad_slices, 0) + absent * missing_is_bad
            else coalesce(measured_slices - measured_ratio_sum, 0) + absent * missing_is_bad
        end as measured_bad_units,
        (measured_slices - slices) * slice_minutes * cast(1 - target as double) as dropped_minutes
    from counted
),
own as (
    select
        w.slo,
        w.day,
        any_value(d.target) filter (where d.day = w.day) as target,
        coalesce(sum(d.good), 0) as good,
        coalesce(sum(d.total), 0) as total,
        coalesce(sum(d.units), 0) as units,
        coalesce(sum(d.bad_units), 0) as bad_units,
        coalesce(sum(d.units * cast(1 - d.target as double)), 0) as allowed_units,
        coalesce(sum(d.measured_units), 0) as measured_units,
        coalesce(sum(d.measured_bad_units), 0) as measured_bad_units,
        coalesce(sum(d.measured_units * cast(1 - d.target as double)), 0) as measured_allowed_units,
        coalesce(sum(d.dropped_minutes), 0) as dropped_minutes,
        coalesce(sum(d.buckets), 0) as buckets,
        sum(d.expected_buckets) as expected_buckets,
        sum(d.passed_minutes) as passed_minutes,
        any_value(d.units) filter (where d.day = w.day) as day_units,
        any_value(d.bad_units) filter (where d.day = w.day) as day_bad_units,
        any_value(d.buckets) filter (where d.day = w.day) as day_buckets,
        coalesce(sum(d.units), 0) as proving_units
    from slo_window w
    join slo s on s.id = w.slo and s.combine is distinct from 'weighted'
    join day d on d.slo = w.slo and d.day between w.window_start and w.day
    group by w.slo, w.day
),
-- Members over the window of their composite.
member as (
    select
        w.slo,
        w.day,
        m.member,
        any_value(s.combine) as combine,
        any_value(m.weight) as weight,
        any_value(t.target) filter (where t.day = w.day) as target,
        sum(d.good) as good,
        sum(d.total) as total,
        sum(d.units) as units,
        sum(d.bad_units) as bad_units,
        sum(d.units * cast(1 - t.target as double)) as allowed_units,
        sum(d.measured_units) as measured_units,
        sum(d.measured_bad_units) as measured_bad_units,
        sum(d.measured_units * cast(1 - t.target as double)) as measured_allowed_units,
        coalesce(share_measured(sum(d.buckets), sum(d.expected_buckets)), 0) as coverage,
        sum(t.passed_minutes) as passed_minutes,
        any_value(d.units) filter (where d.day = w.day) as day_units,
        any_value(d.bad_units) filter (where d.day = w.day) as day_bad_units,
        any_value(d.buckets) filter (where d.day = w.day) as day_buckets
    from slo_window w
    join slo s on s.id = w.slo and s.combine is not null
    join slo_member m on m.slo = w.slo
    join slo_day_plan t on t.slo = w.slo and t.day between w.window_start and w.day
    left join day d on d.slo = m.member and d.day = t.day
    group by w.slo, w.day, m.member
),
composite as (
    select
        slo,
        day,
        if(any_value(combine) = 'all_hold', min(coverage), sum(weight * coverage) / sum(weight)) as coverage
    from member
    group by slo, day
),
-- A weighted composite: the weighted mean of its members' SLIs over its own window; a member without traffic is left
-- out and the other weights stand for it. Its units are those of its members, so that its shares can be explained.
weighted as (
    select
        slo,
        day,
        any_value(target) as target,
        coalesce(sum(good), 0) as good,
        coalesce(sum(total), 0) as total,
        coalesce(sum(units), 0) as units,
        coalesce(mean_bad(weight, bad_units, units), 0) as bad_units,
        coalesce(sum(allowed_units), 0) as allowed_units,
        coalesce(sum(measured_units), 0) as measured_units,
        coalesce(mean_bad(weight, measured_bad_units, measured_units), 0) as measured_bad_units,
        coalesce(sum(measured_allowed_units), 0) as measured_allowed_units,
        0.0 as dropped_minutes,
        max(passed_minutes) as passed_minutes,
        sum(day_units) as day_units,
        mean_bad(weight, day_bad_units, day_units) as day_bad_units,
        sum(day_buckets) as day_buckets,
        coalesce(proving(weight, units), 0) as proving_units
    from member
    where combine = 'weighted'
    group by slo, day
),
held as (
    select * from own
    union all by name
    select * from weighted
)
select
    w.slo,
    w.day,
    w.window_start,
    w.window_end,
    w.window_minutes,
    w.budget_minutes,
    h.* exclude (slo, day, buckets, expected_buckets, day_units, day_bad_units, day_buckets),
    case when c.slo is null then h.buckets end as buckets,
    case when c.slo is null then h.expected_buckets end as expected_buckets,
    coalesce(c.coverage, share_measured(h.buckets, h.expected_buckets)) as coverage,
    coalesce(h.day_units, 0) as day_units,
    coalesce(h.day_bad_units, 0) as day_bad_units,
    coalesce(h.day_buckets, 0)::bigint as day_buckets
from slo_window w
join held h on h.slo = w.slo and h.day = w.day
left join composite c on c.slo = w.slo and c.day = w.day
