select
    id,
    title_en,
    title_ja,
    started_at
from incident
order by started_at
