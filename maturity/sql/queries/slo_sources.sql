select
    src_file,
    buckets,
    first_start,
    last_start
from slo_source
where slo = $slo
order by src_file
