-- Frozen reviews, the newest first.
select
    month,
    as_of,
    file
from review
order by month desc
