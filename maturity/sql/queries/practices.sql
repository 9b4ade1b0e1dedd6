-- The guide map in its own order.
select
    p.*,
    c.name_en as category_name_en,
    c.name_ja as category_name_ja
from practice p
join category c on c.id = p.category
order by c.src_line, p.level, p.src_line
