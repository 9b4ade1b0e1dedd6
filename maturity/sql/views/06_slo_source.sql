-- One row per SLO, bucket file that its figures rest on, and month: what the file holds of it in the days of that month.
-- Of files in `kept` they are there.
select
    p.slo,
    f.path as src_file,
    strftime(p.day, '%Y-%m') as month,
    sum(p.buckets)::bigint as buckets,
    min(p.first_start) as first_start,
    max(p.last_start) as last_start
from sli_part p
join bucket_file f on f.file = p.file
where p.file not in (select file from kept)
group by all
