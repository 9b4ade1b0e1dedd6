select
    r.*,
    s.flags
from risk r
join risk_score s on s.risk = r.id
where r.id = $risk
limit 1
