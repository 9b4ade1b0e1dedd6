-- One row per SLO and burn alert of the policy: does it fire at the end of the snapshot?
-- threshold: burn rate that spends `share` of the SLO's own window in the long window, share x window / long window;
-- 2 % in an hour is 14.4 for 30 days and 13.44 for 28. It fires when both windows burn faster. reachable: a burn rate
-- cannot pass 1 / (1 - target). outage_minutes: how long a full outage, or silence that may be one, lasts before the
-- long window burns that fast, share x budget; NULL where that is not reached. Source: SRE workbook ch. 5, docs/budgets.md.
with alert as (
    select
        t.slo,
        a.position,
        a.action,
        a.share,
        a.long_minutes,
        a.short_minutes,
        t.budget_minutes,
        a.share * t.window_minutes / a.long_minutes as threshold,
        1 / nullif(cast(1 - t.target as double), 0) as fastest
    from slo_status t
    cross join burn_alert a
    where t.day = (select as_of from meta)
)
select
    a.* exclude (budget_minutes, fastest),
    l.burn_rate as long_burn_rate,
    s.burn_rate as short_burn_rate,
    a.threshold < a.fastest as reachable,
    case when a.threshold < a.fastest then a.share * a.budget_minutes end as outage_minutes,
    coalesce(l.burn_rate > a.threshold and s.burn_rate > a.threshold, false) as fires
from alert a
left join slo_burn l on l.slo = a.slo and l.minutes = a.long_minutes
left join slo_burn s on s.slo = a.slo and s.minutes = a.short_minutes
