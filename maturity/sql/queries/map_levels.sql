select
    level,
    name_en,
    name_ja,
    meaning_en,
    meaning_ja
from level
order by level
