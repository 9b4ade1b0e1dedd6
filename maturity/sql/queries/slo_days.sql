-- Budget of one SLO by day; a day without buckets is a gap in the line. even_left: what would be left of the
-- newest calendar window's budget if it were spent evenly; below it the budget runs out before the window ends.
-- units, bad_units: of the day alone. Of a frozen review, which leaves out days before a month's last, the days in a row
-- up to its own.
with status as (
    select
        *,
        -- A review that was frozen before days were counted apart does not tell its gaps.
        coalesce(day_buckets > 0, units > 0) as measured,
        day - lag(day) over (order by day) as since_last
    from slo_status
    where slo = $slo
        and day <= $until
),
whole as (
    select max(day) filter (where since_last > 1) as begins from status
)
select
    s.day,
    case when s.measured then s.budget_left end as budget_left,
    s.consumed,
    case when s.measured then 1 - s.measured_consumed end as measured_left,
    case
        when s.window_kind = 'calendar' and s.window_start = max(s.window_start) over ()
            then 1 - s.passed_minutes / s.window_minutes
    end as even_left,
    s.day_units as units,
    s.day_bad_units as bad_units,
    s.burn_rate_1d,
    s.target,
    s.coverage,
    s.state,
    s.measured
from status s
cross join whole w
where w.begins is null
    or s.day >= w.begins
order by s.day
