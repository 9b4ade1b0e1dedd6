-- practice_state.csv
select
    s.month,
    s.product,
    s.practice,
    p.level,
    p.must,
    s.state,
    s.items_done,
    s.items_total,
    s.confirmed_on,
    s.assessed_on,
    s.assessor,
    s.provider,
    s.evidence_kind,
    s.evidence_url as evidence,
    s.note,
    s.src_file as file,
    s.src_line as line
from practice_state s
join practice p on p.id = s.practice
where $month is null or s.month = $month
order by s.month, s.product, p.level, s.practice
