-- One row per SLO and local day that has at least one bucket.
-- good, total, bad: events. slices: slices with traffic; bad_slices: those below the slice target;
-- ratio_sum: sum of good/total over slices. Days are those of the SLO's time zone.
-- Source: OpenSLO budgeting methods, docs/budgets.md.
with local as (
    select
        b.slo,
        b.start,
        s.time_zone,
        case when s.time_zone = 'UTC' then b.start else timezone(s.time_zone, timezone('UTC', b.start)) end as local_time,
        b.good,
        b.total,
        s.method,
        s.slice_minutes,
        s.slice_target
    from bucket b
    join slo s on s.id = b.slo
),
events as (
    select
        slo,
        cast(local_time as date) as day,
        sum(good) as good,
        sum(total) as total,
        count(*) as buckets
    from local
    group by all
),
numbered as (
    select
        *,
        cast(local_time as date) as day,
        -- Slices count from local midnight in time that really passes: the hour that comes twice has slices of its own.
        case
            when time_zone = 'UTC' then epoch(local_time)
            else epoch(start) - epoch(timezone(time_zone, date_trunc('day', local_time)))
        end::bigint // (slice_minutes * 60) as slice
    from local
    where method <> 'Occurrences'
),
slice as (
    select
        slo,
        day,
        slice,
        any_value(slice_target) as slice_target,
        sum(good) as good,
        sum(total) as total
    from numbered
    group by slo, day, slice
),
slices as (
    select
        slo,
        day,
        count(*) as slices,
        -- A slice is good when good/total >= its target; the tolerance keeps 13/14 >= 13/14 true in floats.
        count(*) filter (where good < slice_target * total - 1e-9) as bad_slices,
        sum(good / total) as ratio_sum
    from slice
    where total > 0
    group by slo, day
)
select
    e.slo,
    e.day,
    e.good,
    e.total,
    e.total - e.good as bad,
    e.buckets,
    s.slices,
    s.bad_slices,
    s.ratio_sum
from events e
left join slices s using (slo, day)
order by e.slo, e.day
