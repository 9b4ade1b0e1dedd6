-- One row per month and claim that the meeting looks at: claimed practices without fresh evidence, drawn at random.
-- The month is the seed: everybody sees the same draw all month, and nobody can choose it.
select
    s.month,
    s.product,
    s.practice,
    row_number() over drawn as position,
    count(*) over (partition by s.month) as claims
from practice_state s
cross join (select value::int as sampled from policy where name = 'sampled_claims') l
where s.adopted
    and not s.confirmed
    and s.provider is null
window drawn as (partition by s.month order by md5(s.month || '/' || s.product || '/' || s.practice))
qualify row_number() over drawn <= l.sampled
order by s.month, position
