select
    r.*,
    s.flags,
    s.is_open,
    s.idle_days,
    s.times_reported
from risk r
join risk_score s on s.risk = r.id
where r.id = $risk
limit 1
