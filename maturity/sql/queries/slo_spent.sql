-- What each calendar month alone spent of the budget that it earned, over all resets of the window.
select
    month,
    units,
    bad_units,
    allowed_units,
    spent,
    state
from slo_month_spent
where slo = $slo
    and month <= $month
order by month
