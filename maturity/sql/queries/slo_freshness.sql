-- How fresh and how complete the data of each SLO is; a composite is as fresh as the stalest of its members.
with fresh as (
    select
        slo,
        max(last_start) as last_start
    from slo_source
    group by slo
)
select
    s.id as slo,
    s.name_en,
    s.name_ja,
    s.src_file,
    s.src_line,
    m.coverage,
    b.bucket_seconds,
    coalesce(f.last_start, c.last_start) as last_start,
    coalesce(d.buckets, 0) as buckets
from slo s
left join slo_status m on m.slo = s.id and m.day = (select as_of from meta)
left join slo_bucket b on b.slo = s.id
left join fresh f on f.slo = s.id
left join (
    select
        c.slo,
        min(f.last_start) as last_start
    from slo_member c
    join fresh f on f.slo = c.member
    group by c.slo
) c on c.slo = s.id
left join (
    select
        slo,
        sum(day_buckets)::bigint as buckets
    from slo_status
    group by slo
) d on d.slo = s.id
order by m.coverage nulls first, s.id
