-- One row per SLO and local day: the budget with its state by policy and the day that state was entered.
-- The tolerance lets "exactly all of it" be exhausted in floats. left_minutes, bad_minutes: time equivalents of the
-- shares, in minutes of full outage. in_trouble: a state that wants a decision now. Thresholds: table policy (budget_policy.yaml). Source: docs/budgets.md.
with threshold as (
    select
        max(value) filter (where name = 'at_risk_left') as at_risk_left,
        max(value) filter (where name = 'unspent_consumed') as unspent_consumed,
        max(value) filter (where name = 'burn_still') as burn_still
    from policy
),
judged as (
    select
        b.*,
        1 - b.consumed as budget_left,
        b.consumed * b.budget_minutes as bad_minutes,
        (1 - b.consumed) * b.budget_minutes as left_minutes,
        case
            when b.units = 0 then 'no_data'
            when b.target = 1 and b.bad_units = 0 then 'met'
            when b.target = 1 then 'exhausted'
            when b.allowed_units < 1 - 1e-9 then 'too_little_traffic'
            when b.consumed >= 1 - 1e-9 and b.burn_rate_1d > t.burn_still then 'exhausted_and_still_burning'
            when b.consumed >= 1 - 1e-9 then 'exhausted'
            when 1 - b.consumed < t.at_risk_left then 'at_risk'
            when b.consumed <= t.unspent_consumed then 'met_unspent'
            else 'met'
        end as state
    from slo_budget b
    cross join threshold t
),
changed as (
    select
        *,
        state is distinct from lag(state) over (partition by slo order by day) as entered
    from judged
)
select
    * exclude (entered),
    state in ('at_risk', 'exhausted', 'exhausted_and_still_burning') as in_trouble,
    max(case when entered then day end) over (partition by slo order by day) as state_since
from changed
