-- Files that an SLO's figures rest on up to a month's end; of a composite those of its members. A review that was frozen
-- before files were told by month has them as they were up to its own.
select
    src_file,
    sum(buckets)::bigint as buckets,
    min(first_start) as first_start,
    max(last_start) as last_start
from slo_source
where (slo = $slo or slo in (select member from slo_member where slo = $slo))
    and coalesce(month, $month) <= $month
group by src_file
order by src_file
