-- One row per SLO and local day: how much of the window's error budget is consumed. Ratios, not per cent.
-- sli: good share of units; NULL without traffic. consumed: bad / allowed, may pass 1, never clamped.
-- pace: consumed against the budget earned so far; differs from consumed only for slices in a calendar window,
-- where the budget is that of the whole window (a weighted composite has the units of its members, no slices of its
-- own). measured_consumed: consumed as measured, without corrections.
-- Source: docs/budgets.md.
select
    w.slo,
    w.day,
    s.product,
    s.method,
    s.window_kind,
    w.window_start,
    w.window_end,
    w.window_minutes,
    w.budget_minutes,
    w.target,
    w.good,
    w.total,
    w.total - w.good as bad,
    w.units,
    w.bad_units,
    w.allowed_units,
    1 - w.bad_units / nullif(w.units, 0) as sli,
    case
        when w.units = 0 then null
        when s.method <> 'Occurrences' and s.window_kind = 'calendar' and s.combine is distinct from 'weighted'
            then w.bad_units * s.slice_minutes / nullif(w.budget_minutes - w.dropped_minutes, 0)
        else w.bad_units / nullif(w.allowed_units, 0)
    end as consumed,
    w.bad_units / nullif(w.allowed_units, 0) as pace,
    w.measured_units,
    w.measured_bad_units,
    case
        when w.measured_units = 0 then null
        when s.method <> 'Occurrences' and s.window_kind = 'calendar' and s.combine is distinct from 'weighted'
            then w.measured_bad_units * s.slice_minutes / nullif(w.budget_minutes, 0)
        else w.measured_bad_units / nullif(w.measured_allowed_units, 0)
    end as measured_consumed,
    w.proving_units,
    w.day_units,
    w.day_bad_units,
    w.day_buckets,
    w.day_bad_units / nullif(w.day_units, 0) / nullif(cast(1 - w.target as double), 0) as burn_rate_1d,
    w.passed_minutes,
    w.coverage,
    w.buckets,
    w.expected_buckets
from slo_window_day w
join slo s on s.id = w.slo
