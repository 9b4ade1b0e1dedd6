-- One row per product with open event risks: what factors and missing practices make worse (reference: risk.md 2.6).
-- reach: sum of users hit x incidents a year; minutes: bad minutes a year.
select
    s.product,
    sum(r.cre_users_affected * s.incidents_per_year) as reach,
    sum(s.bad_minutes_per_year) as minutes
from risk_score s
join risk r on r.id = s.risk
where s.is_open and r.kind = 'event' and s.bad_minutes_per_year is not null
group by s.product
order by s.product
