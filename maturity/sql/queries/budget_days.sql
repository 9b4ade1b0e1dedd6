-- The same as budget_months, by the days of one month.
select
    strftime(day, '%Y-%m-%d') as period,
    slo,
    product,
    method,
    target,
    good,
    total,
    sli,
    consumed,
    budget_left,
    coverage,
    state
from slo_status
where strftime(day, '%Y-%m') = $month
    and ($product is null or product = $product)
order by slo, day
