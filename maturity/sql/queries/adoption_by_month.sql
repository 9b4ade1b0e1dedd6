-- Share of applicable practices that are adopted, by month and product.
select
    s.month,
    s.product,
    avg(s.adopted::int) filter (where s.applies) as share,
    count(*) filter (where s.adopted) as adopted,
    count(*) filter (where s.applies) as applicable
from practice_state s
join product p on p.id = s.product
where s.month <= $month
    and ($product is null or s.product = $product)
group by s.month, s.product, p.tier, p.name_en
order by p.tier, p.name_en, s.month
