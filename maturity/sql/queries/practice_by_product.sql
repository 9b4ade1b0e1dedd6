-- Who has a practice, and what it would save where it is missing.
select
    s.product,
    p.team,
    s.state,
    s.adopted,
    s.confirmed_on,
    s.assessor,
    g.bad_minutes_per_year,
    g.budget_share
from practice_state s
join product p on p.id = s.product
left join practice_gap g on g.product = s.product and g.practice = s.practice
where s.month = $month
    and s.practice = $practice
order by s.adopted desc, s.state, p.tier, p.name_en
