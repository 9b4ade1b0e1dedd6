-- What the open risks of a product cost together, against the budget of each target.
select
    t.*,
    r.title_en as largest_en,
    r.title_ja as largest_ja
from risk_total t
left join risk r on r.id = t.largest_risk
where ($product is null or t.product = $product)
order by t.product, t.target
