-- The agenda of the snapshot's month, as CSV.
select
    position,
    rank,
    section,
    kind,
    id,
    product,
    name_en,
    name_ja,
    whys,
    minutes,
    share,
    day,
    owner,
    who,
    decided,
    decided_on,
    decision_state,
    src_file as file,
    src_line as line
from agenda
order by position, rank
