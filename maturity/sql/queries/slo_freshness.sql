select
    s.id as slo,
    s.name_en,
    s.name_ja,
    s.src_file,
    s.src_line,
    m.coverage,
    b.bucket_seconds,
    f.last_start,
    coalesce(d.buckets, 0) as buckets
from slo s
left join slo_status m on m.slo = s.id and m.day = (select as_of from meta)
left join slo_bucket b on b.slo = s.id
left join (
    select
        slo,
        max(last_start) as last_start
    from slo_source
    group by slo
) f on f.slo = s.id
left join (
    select
        slo,
        sum(buckets) as buckets
    from slo_day
    group by slo
) d on d.slo = s.id
order by m.coverage nulls first, s.id
