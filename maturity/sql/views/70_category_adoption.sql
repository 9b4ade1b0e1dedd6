-- One row per month, product and category: adopted and applicable practices.
select
    s.month,
    s.product,
    p.category,
    count(*) filter (where s.adopted) as adopted,
    count(*) filter (where s.applies) as applicable
from practice_state s
join practice p on p.id = s.practice
group by s.month, s.product, p.category
