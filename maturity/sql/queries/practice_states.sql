select
    s.month,
    s.product,
    s.practice,
    s.state,
    s.adopted,
    s.confirmed,
    s.assessed,
    s.items_done,
    s.items_total,
    s.done,
    s.provider,
    s.confirmed_on,
    s.evidence_kind,
    s.assessor,
    s.src_file,
    s.src_line
from practice_state s
where s.month = $month
    and ($product is null or s.product = $product)
order by s.product, s.practice
