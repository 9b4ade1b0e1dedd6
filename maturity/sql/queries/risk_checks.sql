-- The worklist: what to do about how records are kept, the most minutes at stake first.
select
    c.*,
    r.title_en,
    r.title_ja,
    r.owner,
    r.status,
    r.products,
    r.src_file,
    r.src_line
from risk_check c
join risk r on r.id = c.risk
where ($product is null or list_contains(r.products, $product))
    and ($risk is null or c.risk = $risk)
order by c.bad_minutes_per_year is null, c.bad_minutes_per_year desc, c.risk, c.position
