-- One row per SLO and stretch of days on which its budget was spent, or lay unspent, and that a monthly review saw: it
-- holds a day on which a month is judged. A stretch ends when the state becomes another. kind: spent (exhausted, still
-- burning or not) or unspent. Each asks for a decision.
with sorted as (
    select
        slo,
        day,
        case when state = 'met_unspent' then 'unspent' else 'spent' end as kind
    from slo_status
    where state in ('exhausted', 'exhausted_and_still_burning', 'met_unspent')
),
numbered as (
    select
        slo,
        day,
        kind,
        -- The same for days that follow one another: every day of an SLO has a row.
        day - row_number() over (partition by slo, kind order by day)::int as stretch
    from sorted
)
select
    slo,
    kind,
    min(day) as first,
    max(day) as last
from numbered
group by slo, kind, stretch
having count_if(day in (select as_of from month)) > 0
