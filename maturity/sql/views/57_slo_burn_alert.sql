-- One row per SLO and burn alert of the policy: does it fire at the end of the snapshot?
-- threshold: burn rate that spends `share` of the SLO's own window in the long window, share x window / long window;
-- 2 % in an hour is 14.4 for 30 days and 13.44 for 28. It fires when both windows burn faster. reachable: a burn rate
-- cannot pass 1 / (1 - target). Source: SRE workbook ch. 5, docs/budgets.md.
with today as (
    select
        slo,
        window_minutes,
        target
    from slo_status
    where day = (select as_of from meta)
)
select
    t.slo,
    a.position,
    a.action,
    a.share,
    a.long_minutes,
    a.short_minutes,
    a.share * t.window_minutes / a.long_minutes as threshold,
    l.burn_rate as long_burn_rate,
    s.burn_rate as short_burn_rate,
    a.share * t.window_minutes / a.long_minutes < 1 / nullif(cast(1 - t.target as double), 0) as reachable,
    coalesce(
        l.burn_rate > a.share * t.window_minutes / a.long_minutes
        and s.burn_rate > a.share * t.window_minutes / a.long_minutes,
        false
    ) as fires
from today t
cross join burn_alert a
left join slo_burn l on l.slo = t.slo and l.minutes = a.long_minutes
left join slo_burn s on s.slo = t.slo and s.minutes = a.short_minutes
