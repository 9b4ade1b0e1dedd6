select
    a.assessed_on,
    a.assessor,
    case
        when a.state is not null then a.state
        when a.share = 1 or len(a.items_done) = n.total then 'adopted'
        when a.share = 0 or len(a.items_done) = 0 then 'not_adopted'
        when a.share is not null then 'share'
        else 'partial'
    end as said,
    coalesce(len(a.items_done), 0) as done,
    n.total,
    a.share,
    a.evidence_url,
    a.note,
    a.src_file,
    a.src_line
from assessment a
cross join (select count(*) as total from checklist_item where practice = $practice) n
where a.product = $product
    and a.practice = $practice
    and a.assessed_on <= (select as_of from month where month = $until)
order by a.assessed_on desc, a.src_line desc
