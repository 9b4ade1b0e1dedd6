-- assessments.csv: the log as it was read; `-` stands for "no item done"
select
    product,
    practice,
    assessed_on,
    assessor,
    case when len(items_done) = 0 then '-' else array_to_string(items_done, ';') end as items_done,
    state,
    share,
    provider,
    confirmed_on,
    evidence_kind,
    evidence_url,
    evidence_on,
    evidence_reviewer,
    note,
    id,
    corrects
from assessment
order by product, assessed_on, practice, corrects nulls first
