-- SLOs in each state at the end of each month, up to one.
select
    s.month,
    s.state,
    count(*) as slos
from slo_month s
join slo o on o.id = s.slo
join product p on p.id = s.product
where s.month <= $month
    and ($product is null or s.product = $product)
group by s.month, s.state
order by s.month, s.state
