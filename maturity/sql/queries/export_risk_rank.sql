-- risk_rank.csv
select
    case when s.position > 0 then s.position end as rank,
    s.risk,
    s.product,
    s.bad_minutes_per_year,
    s.budget_share,
    s.event_share,
    s.likelihood_band,
    s.impact_band,
    s.flags,
    r.status,
    s.current_min_per_year,
    s.residual_min_per_year,
    s.saved_min_per_effort_day,
    s.must_discuss,
    s.slo,
    r.owner,
    r.next_action_due,
    r.src_file as file,
    r.src_line as line
from risk_score s
join risk r on r.id = s.risk
order by s.position = 0, s.position, s.risk, s.product
