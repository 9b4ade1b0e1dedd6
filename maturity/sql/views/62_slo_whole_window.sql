-- One row per SLO and whole window that lies behind the snapshot, without overlap; place 1 is the newest.
-- proving_units: plain units that would prove as much of the bad share. Of a weighted composite, whose members may have
-- much weight and little traffic, that is (sum of weights)^2 / sum of (weight^2 / units), the effective sample size of
-- Korn and Graubard (Survey Methodology 24, 1998).
-- Rolling windows are laid end to end back from the snapshot's day, calendar windows are the periods that have ended.
with whole as (
    select
        s.*,
        row_number() over (partition by s.slo order by s.day desc) as place
    from slo_status s
    cross join meta m
    where s.day <= m.as_of
        and case s.window_kind
            when 'rolling' then (m.as_of - s.day) % (s.window_end - s.window_start + 1) = 0
            else s.day = s.window_end
        end
),
member as (
    select
        w.slo,
        w.day,
        c.weight,
        sum(d.day_units) as units
    from slo s
    join whole w on w.slo = s.id
    join slo_member c on c.slo = s.id
    join slo_status d on d.slo = c.member and d.day between w.window_start and w.day
    where s.combine = 'weighted'
    group by w.slo, w.day, c.member, c.weight
),
proof as (
    select
        slo,
        day,
        sum(weight) * sum(weight) / sum(weight * weight / units) as units
    from member
    where units > 0
    group by slo, day
)
select
    w.slo,
    w.place,
    w.window_start,
    w.window_end,
    w.units,
    w.bad_units,
    coalesce(p.units, w.units) as proving_units,
    w.allowed_units,
    w.consumed,
    w.coverage,
    w.budget_minutes,
    w.state
from whole w
left join proof p on p.slo = w.slo and p.day = w.day
