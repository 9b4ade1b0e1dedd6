-- Days hold exactly the events of the buckets they were made from.
select slo
from (select slo, sum(total) as total, count(*) as buckets from bucket group by slo) b
full join (select slo, sum(total) as total, sum(buckets) as buckets from slo_day group by slo) d using (slo)
where b.buckets is distinct from d.buckets or abs(b.total - d.total) > 1e-6 * abs(b.total)
