-- One row per SLO and bucket file that its figures rest on.
select
    b.slo,
    f.path as src_file,
    count(*) as buckets,
    min(b.start) as first_start,
    max(b.start) as last_start
from bucket b
join bucket_file f on f.file = b.file
group by b.slo, f.path
