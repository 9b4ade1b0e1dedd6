-- Budget of one SLO by day; a day without buckets is a gap in the line. even_left: what would be left of the
-- newest calendar window's budget if it were spent evenly; below it the budget runs out before the window ends.
-- units, bad_units: of the day alone. since: from there on a frozen review has every day, before it the last of each month.
with status as (
    select
        *,
        -- A review that was frozen before days were counted apart does not tell its gaps.
        coalesce(day_buckets > 0, units > 0) as measured
    from slo_status
    where slo = $slo
        and day <= $until
        and day >= $since
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
order by s.day
