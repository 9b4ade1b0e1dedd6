-- practice_state.csv
select
    s.month,
    s.product,
    s.practice,
    p.level,
    s.state,
    s.items_done,
    s.items_total,
    s.confirmed_on,
    s.evidence_url as evidence,
    s.evidence_kind,
    s.assessed_on,
    s.assessor,
    s.provider,
    p.must,
    s.note,
    s.src_file as file,
    s.src_line as line
from practice_state s
join practice p on p.id = s.practice
where $month is null or s.month = $month
order by s.month, s.product, p.level, s.practice
