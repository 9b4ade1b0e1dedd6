-- How many products stand at each level, by month. There is no average level.
select
    month,
    level,
    count(*) as products
from product_level
where month <= $month
group by month, level
order by month, level
