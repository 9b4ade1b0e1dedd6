-- The chance to miss the yearly budget, with what missing practices add.
select
    y.*,
    g.practices as gaps,
    g.bad_minutes_per_year as gap_minutes,
    g.budget_share as gap_share
from risk_year y
left join gap_total g using (product)
where ($product is null or y.product = $product)
order by y.chance_to_miss desc nulls last, y.mean desc, y.product
