-- Days hold the buckets of the files: all of them where no bucket came twice, never more.
select slo
from (select slo, sum(total) as total, sum(buckets) as buckets from sli_part group by slo) p
left join (select slo, sum(measured_total) as total, sum(buckets) as buckets from slo_day group by slo) d using (slo)
left join (select slo, count(*) as days from row_day group by slo) r using (slo)
where d.buckets is null
    or d.buckets > p.buckets
    or (r.days is null and (p.buckets <> d.buckets or abs(p.total - d.total) > 1e-6 * abs(p.total)))
