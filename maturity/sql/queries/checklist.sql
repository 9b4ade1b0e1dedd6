-- The items that the map asks for today.
select
    c.id,
    c.en,
    c.ja
from checklist_item c
cross join meta m
where c.practice = $practice
    and (c.added_on is null or c.added_on <= m.as_of)
    and (c.retired_on is null or c.retired_on > m.as_of)
order by c.position
