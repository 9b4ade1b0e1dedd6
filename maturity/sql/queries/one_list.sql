-- Risks and missing practices in one list, by share of the product's yearly budget.
select
    'risk' as kind,
    s.risk as id,
    s.product,
    r.title_en as name_en,
    r.title_ja as name_ja,
    s.bad_minutes_per_year,
    s.budget_share,
    s.saved_min_per_year,
    r.effort_days,
    s.saved_min_per_effort_day,
    r.src_file,
    r.src_line
from risk_score s
join risk r on r.id = s.risk
where s.is_open
    and s.bad_minutes_per_year is not null
    and ($product is null or s.product = $product)
union all
select
    'practice',
    g.practice,
    g.product,
    p.name_en,
    p.name_ja,
    g.bad_minutes_per_year,
    g.budget_share,
    g.bad_minutes_per_year,
    g.effort_days,
    g.saved_min_per_effort_day,
    p.src_file,
    p.src_line
from practice_gap g
join practice p on p.id = g.practice
where ($product is null or g.product = $product)
order by budget_share desc nulls last, bad_minutes_per_year desc, kind, id, product
