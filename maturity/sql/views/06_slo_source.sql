-- One row per SLO and bucket file that its figures rest on: what the file holds of it. Of files in `kept` they are there.
select
    p.slo,
    f.path as src_file,
    sum(p.buckets)::bigint as buckets,
    min(p.first_start) as first_start,
    max(p.last_start) as last_start
from sli_part p
join bucket_file f on f.file = p.file
where p.file not in (select file from kept)
group by p.slo, f.path
