-- One row per month and SLO: the status on the day the month is judged on.
select
    m.month,
    s.*
from month m
join slo_status s on s.day = m.as_of
