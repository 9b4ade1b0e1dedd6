-- Files that an SLO's figures rest on; of a composite those of its members.
select
    src_file,
    sum(buckets)::bigint as buckets,
    min(first_start) as first_start,
    max(last_start) as last_start
from slo_source
where slo = $slo
    or slo in (select member from slo_member where slo = $slo)
group by src_file
order by src_file
