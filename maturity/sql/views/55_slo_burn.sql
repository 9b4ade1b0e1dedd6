-- One row per SLO and burn window (minutes) that ends with the snapshot: burn rate = bad ratio / (1 - target).
-- A window ends with a bucket of its SLO (burn_end), and one shorter than a bucket is as long as one, see begins. Where
-- members must all hold, the last slice is as far as they were measured.
-- Occurrences count events, the slice methods slices; after corrections. A weighted composite has the units of its
-- members, each over its own window, and the weighted mean of their bad shares. NULL without traffic.
-- Source: SRE workbook, ch. 5.
with length as (
    select long_minutes as minutes from burn_alert
    union
    select short_minutes from burn_alert
),
span as (
    select
        s.id as slo,
        l.minutes,
        burn_begins(coalesce(e.ends, m.until), l.minutes, b.bucket_seconds) as begins,
        coalesce(e.ends, m.until) as ends
    from slo s
    cross join length l
    cross join meta m
    left join slo_bucket b on b.slo = s.id
    left join burn_end e on e.slo = s.id
    where s.combine is distinct from 'weighted'
),
counting as (
    select
        slo,
        start,
        coalesce(kept_good, good) as good,
        coalesce(kept_total, total) as total
    from bucket
    union all
    select
        slo,
        start,
        good,
        total
    from recent
),
local as (
    select
        c.*,
        -- Only slices ask for it.
        case when s.method <> 'Occurrences' then timezone(s.time_zone, timezone('UTC', c.start)) end as local_time
    from counting c
    join slo s on s.id = c.slo
),
events as (
    select
        w.slo,
        w.minutes,
        w.begins,
        w.ends,
        s.method,
        s.slice_target,
        cast(b.local_time as date) as day,
        slice_number(b.start, b.local_time, s.time_zone, s.slice_minutes) as slice,
        sum(b.good) as good,
        sum(b.total) as total
    from span w
    join slo s on s.id = w.slo
    left join local b on b.slo = w.slo and b.start >= w.begins and b.start < w.ends
    group by all
),
counted as (
    select
        slo,
        minutes,
        begins,
        ends,
        sum(total) as total,
        sum(case when method = 'Occurrences' then total when total > 0 then 1 end) as units,
        sum(
            case
                when method = 'Occurrences' then total - good
                when method = 'Timeslices' then (good < slice_target * total - 1e-9)::int
                when total > 0 then 1 - good / total
            end
        ) as bad_units
    from events
    group by all
),
weighted as (
    select
        c.slo,
        b.minutes,
        min(b.begins) as begins,
        max(b.ends) as ends,
        sum(b.total) as total,
        sum(b.units) as units,
        mean_bad(c.weight, b.bad_units, b.units) as bad_units
    from slo s
    join slo_member c on c.slo = s.id
    join counted b on b.slo = c.member
    where s.combine = 'weighted'
    group by c.slo, b.minutes
),
held as (
    from counted
    union all by name
    from weighted
)
select
    h.slo,
    h.minutes,
    h.begins,
    h.ends,
    h.total,
    h.units,
    h.bad_units,
    h.bad_units / nullif(h.units, 0) / nullif(cast(1 - s.target as double), 0) as burn_rate
from held h
join slo s on s.id = h.slo
