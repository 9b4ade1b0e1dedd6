-- Budgets at the end of each month up to one ($by = 'months'), or of each day of that month ('days').
select
    strftime(day, case when $by = 'months' then '%Y-%m' else '%Y-%m-%d' end) as period,
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
where ($product is null or product = $product)
    and case
        when $by = 'months' then day in (select as_of from month where month <= $month)
        else strftime(day, '%Y-%m') = $month
    end
order by slo, day
