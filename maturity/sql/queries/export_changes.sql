-- What changed since the last review, as CSV.
select
    topic,
    kind,
    id,
    product,
    name_en,
    name_ja,
    value_before,
    state_before,
    value_now,
    state_now,
    reasons,
    src_file as file,
    src_line as line
from change
order by topic, kind, id, product
