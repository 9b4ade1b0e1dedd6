-- Level of every product in a month, and the month before.
select
    l.*,
    p.level as level_before,
    p.percent as percent_before
from product_level l
left join product_level p
    on p.product = l.product
    and p.month = strftime(strptime($month || '-01', '%Y-%m-%d') - interval 1 month, '%Y-%m')
join product d on d.id = l.product
where l.month = $month
order by d.tier, d.name_en
