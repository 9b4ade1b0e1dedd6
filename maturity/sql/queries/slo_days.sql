-- Budget of one SLO by day; a day without buckets is a gap in the line. even_left: what would be left of the
-- newest calendar window's budget if it were spent evenly; below it the budget runs out before the window ends.
select
    s.day,
    case when d.day is not null then s.budget_left end as budget_left,
    s.consumed,
    case when d.day is not null then 1 - s.measured_consumed end as measured_left,
    case
        when s.window_kind = 'calendar' and s.window_start = max(s.window_start) over ()
            then 1 - s.passed_minutes / s.window_minutes
    end as even_left,
    d.good,
    d.total,
    s.burn_rate_1d,
    s.target,
    s.coverage,
    s.state,
    d.day is not null as measured
from slo_status s
left join slo_day d on d.slo = s.slo and d.day = s.day
where s.slo = $slo
    and s.day <= $until
order by s.day
