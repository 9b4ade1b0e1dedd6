-- One row per SLO and local day that has rows in `bucket`: the general way to count a day, bucket by bucket.
-- good, total: events after corrections; measured_*: the same without them. slices: slices with traffic; bad_slices:
-- those below the slice target; ratio_sum: sum of good/total over slices; corrected_slices: slices that a correction
-- touches. Days are those of the SLO's time zone. Source: OpenSLO budgeting methods, docs/budgets.md.
with local as (
    select
        b.slo,
        b.start,
        s.time_zone,
        case when s.time_zone = 'UTC' then b.start else timezone(s.time_zone, timezone('UTC', b.start)) end as local_time,
        b.good as measured_good,
        b.total as measured_total,
        coalesce(b.kept_good, b.good) as good,
        coalesce(b.kept_total, b.total) as total,
        b.kept_total is not null as corrected,
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
        sum(measured_good) as measured_good,
        sum(measured_total) as measured_total,
        count(*) as buckets
    from local
    group by all
),
numbered as (
    select
        *,
        cast(local_time as date) as day,
        slice_number(start, local_time, time_zone, slice_minutes) as slice
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
        sum(total) as total,
        sum(measured_good) as measured_good,
        sum(measured_total) as measured_total,
        bool_or(corrected) as corrected
    from numbered
    group by slo, day, slice
),
slices as (
    select
        slo,
        day,
        count_if(total > 0) as slices,
        -- A slice is good when good/total >= its target; the tolerance keeps 13/14 >= 13/14 true in floats.
        count_if(total > 0 and good < slice_target * total - 1e-9) as bad_slices,
        coalesce(sum(good / total) filter (where total > 0), 0) as ratio_sum,
        count_if(measured_total > 0) as measured_slices,
        count_if(measured_total > 0 and measured_good < slice_target * measured_total - 1e-9) as measured_bad_slices,
        coalesce(sum(measured_good / measured_total) filter (where measured_total > 0), 0) as measured_ratio_sum,
        count_if(corrected and measured_total > 0) as corrected_slices
    from slice
    group by slo, day
    having count_if(measured_total > 0) > 0
)
select
    e.slo,
    e.day,
    e.good,
    e.total,
    e.buckets,
    s.slices,
    s.bad_slices,
    s.ratio_sum,
    e.measured_good,
    e.measured_total,
    s.measured_slices,
    s.measured_bad_slices,
    s.measured_ratio_sum,
    s.corrected_slices
from events e
left join slices s using (slo, day)
