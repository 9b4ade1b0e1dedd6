-- One row per SLO and local day: its target (ratio), its length and how much of it has passed, in minutes.
select
    s.slo,
    d.day,
    d.target,
    d.starts_at,
    d.minutes,
    d.passed_minutes
from slo_plan s
join plan_day d using (plan)
where d.day between getvariable('needed_day') and getvariable('last_day')
