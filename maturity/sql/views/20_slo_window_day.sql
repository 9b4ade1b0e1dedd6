-- One row per SLO and local day: what its window holds on that day, still as sums.
-- units: what the method counts (events, or slices). bad_units may be a fraction with RatioTimeslices.
-- allowed_units: units that may be bad by the targets of the days seen, summed over target changes.
-- expected_buckets: buckets that should exist in the part of the window that has passed.
with planned as (
    select
        p.slo,
        p.day,
        p.target,
        p.passed_minutes * 60 / b.bucket_seconds as expected_buckets
    from slo_day_plan p
    left join slo_bucket b using (slo)
),
day as (
    select
        p.slo,
        p.day,
        p.target,
        p.expected_buckets,
        d.good,
        d.total,
        d.buckets,
        case when s.method = 'Occurrences' then d.total else d.slices end as units,
        case s.method
            when 'Occurrences' then d.bad
            when 'Timeslices' then d.bad_slices
            else d.slices - d.ratio_sum
        end as bad_units
    from planned p
    join slo s on s.id = p.slo
    left join slo_day d on d.slo = p.slo and d.day = p.day
)
select
    w.slo,
    w.day,
    w.window_start,
    w.window_end,
    w.window_minutes,
    w.budget_minutes,
    any_value(d.target) filter (where d.day = w.day) as target,
    coalesce(sum(d.good), 0) as good,
    coalesce(sum(d.total), 0) as total,
    coalesce(sum(d.units), 0) as units,
    coalesce(sum(d.bad_units), 0) as bad_units,
    coalesce(sum(d.units * cast(1 - d.target as double)), 0) as allowed_units,
    coalesce(sum(d.buckets), 0) as buckets,
    sum(d.expected_buckets) as expected_buckets,
    any_value(d.bad_units / nullif(d.units, 0) / nullif(cast(1 - d.target as double), 0)) filter (where d.day = w.day)
        as burn_rate_1d
from slo_window w
join day d on d.slo = w.slo and d.day between w.window_start and w.day
group by w.slo, w.day, w.window_start, w.window_end, w.window_minutes, w.budget_minutes
