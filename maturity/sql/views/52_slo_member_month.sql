-- One row per month, composite SLO and member: how the member did in the composite's window of that month.
-- sli: good share of the member's units; NULL without traffic. part: which part of what a weighted composite has
-- consumed is the member's, weight x bad share against that of all; NULL where members must all hold, whose failures
-- overlap. coverage: how much of the member was measured in that window. Source: docs/budgets.md.
with held as (
    select
        o.month,
        o.slo,
        o.day,
        c.member,
        c.weight,
        sum(d.day_units) as units,
        sum(d.day_bad_units) as bad_units
    from slo_month o
    join slo_member c on c.slo = o.slo
    join slo_status d on d.slo = c.member and d.day between o.window_start and o.day
    group by all
),
-- A window may begin before the member's own, so the days are those that are planned.
measured as (
    select
        o.month,
        o.slo,
        c.member,
        coalesce(
            share_measured(sum(d.buckets), buckets_due(sum(t.passed_minutes), any_value(b.bucket_seconds))), 0
        ) as coverage
    from slo_month o
    join slo_member c on c.slo = o.slo
    join slo_plan p on p.slo = c.member
    join plan_day t on t.plan = p.plan and t.day between o.window_start and o.day
    left join slo_day d on d.slo = c.member and d.day = t.day
    left join slo_bucket b on b.slo = c.member
    group by all
)
select
    h.month,
    h.slo,
    h.member,
    h.weight,
    h.units,
    h.bad_units,
    1 - h.bad_units / nullif(h.units, 0) as sli,
    case
        when s.combine = 'weighted'
            then h.weight * h.bad_units / nullif(h.units, 0)
                / nullif(sum(h.weight * h.bad_units / nullif(h.units, 0)) over (partition by h.month, h.slo), 0)
    end as part,
    m.coverage
from held h
left join measured m using (month, slo, member)
join slo s on s.id = h.slo
