-- The items that the map asks for at the end of a month. added_on: empty where an item was always there.
select
    c.id,
    c.en,
    c.ja,
    c.added_on
from checklist_item c
join month m on m.month = $month
where c.practice = $practice
    and (c.added_on is null or c.added_on <= m.as_of)
    and (c.retired_on is null or c.retired_on > m.as_of)
order by c.position
