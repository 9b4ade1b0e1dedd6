select
    month as period,
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
from slo_month
where month <= $month
    and ($product is null or product = $product)
order by slo, month
