-- Level of every product in a month, and its change since the month before.
select
    l.*,
    coalesce(l.level - p.level, 0) as level_change
from product_level l
left join product_level p
    on p.product = l.product
    and p.month = strftime(strptime($month || '-01', '%Y-%m-%d') - interval 1 month, '%Y-%m')
join product d on d.id = l.product
where l.month = $month
order by d.tier, d.name_en
