-- Budget of one SLO by day; a day without buckets is a gap in the line.
select
    s.day,
    case when d.day is not null then s.budget_left end as budget_left,
    s.consumed,
    case when d.day is not null then 1 - s.measured_consumed end as measured_left,
    d.good,
    d.total,
    s.burn_rate_1d,
    s.target,
    s.coverage,
    s.state,
    d.day is not null as measured
from slo_status s
left join slo_day d on d.slo = s.slo and d.day = s.day
where s.slo = $slo
    and s.day <= $until
order by s.day
