-- One row per SLO and local day: the budget with its state by policy and the day that state was entered.
-- The tolerance lets "exactly all of it" be exhausted in floats, with 0 left and not -2e-16. left_minutes, bad_minutes:
-- time equivalents of the shares, in minutes of full outage. in_trouble: a state that wants a decision now. days_left:
-- days until the budget is gone if every day is as the last one (a rolling window's old errors may age out before); 0
-- when it is gone. end_consumed: of a calendar window, what would be consumed at its end then.
-- Thresholds: table policy (budget_policy.yaml). Source: docs/budgets.md.
with threshold as (
    select
        max(value) filter (where name = 'at_risk_left') as at_risk_left,
        max(value) filter (where name = 'unspent_consumed') as unspent_consumed,
        max(value) filter (where name = 'burn_still') as burn_still,
        max(value) filter (where name = 'forecast_from') as forecast_from
    from policy
),
rest as (
    select
        *,
        case when abs(1 - consumed) < 1e-9 then 0 else 1 - consumed end as budget_left
    from slo_budget
),
judged as (
    select
        b.*,
        b.consumed * b.budget_minutes as bad_minutes,
        b.budget_left * b.budget_minutes as left_minutes,
        case
            when b.consumed >= 1 - 1e-9 then 0
            else b.budget_left / nullif(greatest(b.burn_rate_1d, 0), 0) * b.window_minutes / 1440
        end as days_left,
        case
            when b.window_kind = 'calendar'
                then b.consumed + b.burn_rate_1d * (b.window_minutes - b.passed_minutes) / b.window_minutes
        end as end_consumed,
        case
            when b.units = 0 then 'no_data'
            -- A target of 100 % on every day that was seen; one lower target in the window gives a budget to judge by.
            when b.consumed is null and b.bad_units = 0 then 'met'
            when b.consumed is null then 'exhausted'
            -- Where one failure is more than the budget; of a weighted composite, one of a member that carries its weight.
            when b.allowed_units / b.units * b.proving_units < 1 - 1e-9 then 'too_little_traffic'
            when b.consumed >= 1 - 1e-9 and b.burn_rate_1d > t.burn_still then 'exhausted_and_still_burning'
            when b.consumed >= 1 - 1e-9 then 'exhausted'
            when b.budget_left < t.at_risk_left then 'at_risk'
            -- At the start of a calendar window nothing is spent yet, and one incident decides the pace.
            when b.window_kind = 'calendar' and b.passed_minutes < t.forecast_from * b.window_minutes then 'met'
            when b.window_kind = 'calendar' and b.pace >= 1 - 1e-9 then 'at_risk'
            when b.consumed <= t.unspent_consumed then 'met_unspent'
            else 'met'
        end as state
    from rest b
    cross join threshold t
),
changed as (
    select
        j.*,
        b.state_since as since_before,
        j.state is distinct from lag(j.state, 1, b.state) over (partition by j.slo order by j.day) as entered
    from judged j
    left join state_before b using (slo)
)
select
    * exclude (entered, since_before),
    state in ('at_risk', 'exhausted', 'exhausted_and_still_burning') as in_trouble,
    coalesce(max(case when entered then day end) over (partition by slo order by day), since_before) as state_since
from changed
