-- The practices that a record names: who of its products lacks them, and what that costs.
select
    p.id,
    p.name_en,
    p.name_ja,
    g.product,
    g.state,
    g.bad_minutes_per_year,
    g.budget_share
from risk r
join practice p on list_contains(r.links_practices, p.id)
left join practice_gap g on g.practice = p.id and list_contains(r.products, g.product)
where r.id = $risk
order by g.bad_minutes_per_year desc nulls last, p.id, g.product
