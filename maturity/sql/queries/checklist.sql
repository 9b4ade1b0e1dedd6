select
    id,
    en,
    ja
from checklist_item
where practice = $practice
order by position
