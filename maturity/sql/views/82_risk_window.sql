-- One row per risk and product with a paying SLO: what one event would take of the SLO's own window as it stands today.
-- left_minutes: bad minutes left in the window; below zero once it is overspent. event_of_left: one event / left.
-- Source: docs/risks.md.
select
    r.risk,
    r.product,
    r.slo,
    s.consumed,
    s.state,
    s.budget_minutes,
    s.budget_minutes * (1 - s.consumed) as left_minutes,
    case when s.consumed < 1 then r.event_bad_min / (s.budget_minutes * (1 - s.consumed)) end as event_of_left
from risk_score r
join slo_status s on s.slo = r.slo and s.day = (select as_of from meta)
