-- Products at their target, by tier.
select
    p.tier,
    count(*) as products,
    count(*) filter (where l.target_gap = 0) as at_target,
    count(*) filter (where l.quiet) as quiet
from product_level l
join product p on p.id = l.product
where l.month = $month
group by p.tier
order by p.tier
