select
    c.name_en as category_name_en,
    c.name_ja as category_name_ja,
    a.adopted,
    a.applicable
from category_adoption a
join category c on c.id = a.category
where a.product = $product
    and a.month = $month
order by c.src_line
