-- Falls of a month, or of all months up to it; worst first.
select
    r.*,
    c.name_en as practice_name_en,
    c.name_ja as practice_name_ja,
    c.must,
    c.level as practice_level
from regression r
join practice c on c.id = r.practice
where r.month <= $month
    and ($only = false or r.month = $month)
    and ($product is null or r.product = $product)
order by r.month desc, r.position
