-- Claims of a month for the meeting to look at.
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
    c.claims
from claim_sample c
join practice_state s using (month, product, practice)
join practice p on p.id = s.practice
where c.month = $month
order by c.position
