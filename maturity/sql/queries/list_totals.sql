-- What each product loses in a year, by kind, beside the budget of the SLO that pays. Risks with what factors add at once;
-- missing practices all at once, at most. The three overlap: an overspent budget is what risks did. Risks of a product whose
-- records have no minutes are empty; the budget is empty where no SLO pays.
select
    p.id as product,
    o.overspent,
    r.minutes as risks,
    r.minutes / t.budget_min_per_year as risks_share,
    g.bad_minutes_per_year as practices,
    t.budget_min_per_year as year_budget,
    p.src_file,
    p.src_line
from product p
left join (
    select product, sum(minutes) as overspent
    from one_list
    where kind = 'budget'
    group by product
) o on o.product = p.id
left join (
    select product, max(bad_minutes_per_year) filter (where scored > 0) as minutes -- the same beside every target
    from risk_total
    group by product
) r on r.product = p.id
left join risk_total t on t.product = p.id and t.is_own
left join gap_total g on g.product = p.id
where o.overspent is not null or r.product is not null or g.product is not null
order by coalesce(risks_share, 0) desc, p.id
