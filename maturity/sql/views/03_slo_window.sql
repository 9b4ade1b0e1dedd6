-- One row per SLO and local day: the window that belongs to it, its length and what the targets allow in it, in minutes.
select
    s.slo,
    w.day,
    w.window_start,
    w.window_end,
    w.window_minutes,
    w.budget_minutes
from slo_plan s
join plan_window w using (plan)
where w.day between getvariable('first_day') and getvariable('last_day')
