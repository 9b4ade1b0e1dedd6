-- slo_status.csv
select
    m.month,
    m.slo,
    m.product,
    m.method,
    m.window_kind || ' ' || s.window_count || s.window_unit as window,
    m.target,
    m.good,
    m.total,
    m.sli,
    m.consumed as budget_consumed,
    m.budget_left,
    m.burn_rate_1d,
    m.coverage,
    m.state,
    m.state_since,
    m.window_start,
    m.window_end,
    m.budget_minutes,
    m.bad_minutes
from slo_month m
join slo s on s.id = m.slo
where $month is null or m.month = $month
order by m.month, m.product, m.slo
