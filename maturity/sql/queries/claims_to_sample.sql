-- Claimed practices without fresh evidence, drawn at random for the meeting to look at. The month is the seed: everybody
-- sees the same draw all month, and nobody can choose it.
select
    s.product,
    s.practice,
    s.state,
    s.confirmed_on,
    s.assessor,
    s.assessed_on,
    p.name_en as practice_name_en,
    p.name_ja as practice_name_ja,
    p.evidence_en,
    p.evidence_ja,
    s.src_file,
    s.src_line,
    count(*) over () as claims
from practice_state s
join practice p on p.id = s.practice
where s.month = $month
    and s.adopted
    and not s.confirmed
    and s.provider is null
order by md5($month || '/' || s.product || '/' || s.practice)
limit (select value::int from policy where name = 'sampled_claims')
