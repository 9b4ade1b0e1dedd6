-- What each calendar month alone spent of the budget that it earned, over all resets of the window.
with day as (
    select
        strftime(d.day, '%Y-%m') as month,
        case when s.method = 'Occurrences' then d.total else d.slices end as units,
        case s.method
            when 'Occurrences' then d.bad
            when 'Timeslices' then d.bad_slices
            else d.slices - d.ratio_sum
        end as bad_units,
        cast(1 - p.target as double) as allowed
    from slo_day d
    join slo s on s.id = d.slo
    join slo_plan c on c.slo = d.slo
    join plan_day p on p.plan = c.plan and p.day = d.day
    where d.slo = $slo
        and d.day <= $until
)
select
    month,
    sum(units) as units,
    sum(bad_units) as bad_units,
    sum(units * allowed) as allowed_units,
    sum(bad_units) / nullif(sum(units * allowed), 0) as spent,
    -- As slo_status judges a window.
    case
        when sum(units * allowed) > 0 and sum(units * allowed) < 1 - 1e-9 then 'too_little_traffic'
        when sum(bad_units) >= (1 - 1e-9) * sum(units * allowed) then 'exhausted'
        else 'met'
    end as state
from day
group by month
order by month
