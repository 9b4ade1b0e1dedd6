select
    a.slo,
    a.position,
    a.action,
    a.share,
    a.long_minutes,
    a.short_minutes,
    a.threshold,
    a.long_burn_rate,
    a.short_burn_rate,
    a.reachable,
    a.outage_minutes,
    a.fires,
    b.src_file,
    b.src_line
from slo_burn_alert a
join burn_alert b using (position)
order by a.slo, a.position
