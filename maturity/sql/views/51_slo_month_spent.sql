-- One row per SLO and month in which it was measured: what the month alone spent of the budget that it earned, over all
-- resets of the window. units, bad_units: of its days; a weighted composite weighs its members over the month.
-- allowed_units: sum over its days of (1 - target) x units. spent: bad / allowed; NULL with a target of 100 %.
-- state: exhausted, met or too_little_traffic, by the rule of slo_status. Source: docs/budgets.md.
with own as (
    select
        slo,
        date_trunc('month', day) as first,
        sum(day_units) as units,
        sum(day_bad_units) as bad_units,
        sum(day_units * cast(1 - target as double)) as allowed_units
    from slo_status
    where day <= (select as_of from meta)
        and slo not in (select id from slo where combine = 'weighted')
    group by all
),
member as (
    select
        w.slo,
        date_trunc('month', w.day) as first,
        c.weight,
        sum(d.day_units) as units,
        sum(d.day_bad_units) as bad_units,
        sum(d.day_units * cast(1 - w.target as double)) as allowed_units
    from slo s
    join slo_member c on c.slo = s.id
    join slo_status w on w.slo = s.id
    join slo_status d on d.slo = c.member and d.day = w.day
    where s.combine = 'weighted'
        and w.day <= (select as_of from meta)
    group by w.slo, date_trunc('month', w.day), c.member, c.weight
),
spent as (
    select
        *,
        units as proving_units
    from own
    where units > 0
    union all by name
    select
        slo,
        first,
        sum(units) as units,
        proving(weight, units) as proving_units,
        mean_bad(weight, bad_units, units) as bad_units,
        sum(allowed_units) as allowed_units
    from member
    where units > 0
    group by slo, first
)
select
    slo,
    strftime(first, '%Y-%m') as month,
    units,
    bad_units,
    allowed_units,
    bad_units / nullif(allowed_units, 0) as spent,
    case
        when allowed_units = 0 then if(bad_units = 0, 'met', 'exhausted')
        when allowed_units / units * proving_units < 1 - 1e-9 then 'too_little_traffic'
        when bad_units >= (1 - 1e-9) * allowed_units then 'exhausted'
        else 'met'
    end as state
from spent
