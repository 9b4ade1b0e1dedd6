-- The one list of the snapshot's day, as CSV.
select
    position,
    kind,
    id,
    product,
    name_en,
    name_ja,
    state,
    certainty,
    minutes as bad_minutes_per_year,
    low as at_best,
    high as at_worst,
    rank_best,
    rank_worst,
    share as budget_share,
    saved_minutes as saved_min_per_year,
    effort_days,
    saved_per_day as saved_min_per_effort_day,
    owner,
    src_file as file,
    src_line as line
from one_list
order by position
