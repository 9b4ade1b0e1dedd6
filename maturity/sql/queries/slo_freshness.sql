-- How fresh and how complete the data of each SLO is; a composite is as fresh as the stalest of its members.
with source as (
    select
        slo,
        max(last_start) as last_start,
        sum(buckets) as buckets
    from slo_source
    group by slo
),
part as (
    select
        id as slo,
        id as part
    from slo
    union all
    select
        slo,
        member as part
    from slo_member
),
held as (
    select
        p.slo,
        min(s.last_start) as last_start,
        sum(s.buckets)::bigint as buckets
    from part p
    join source s on s.slo = p.part
    group by p.slo
)
select
    s.id as slo,
    s.name_en,
    s.name_ja,
    s.src_file,
    s.src_line,
    m.coverage,
    b.bucket_seconds,
    h.last_start,
    coalesce(h.buckets, 0) as buckets
from slo s
left join slo_status m on m.slo = s.id and m.day = (select as_of from meta)
left join slo_bucket b on b.slo = s.id
left join held h on h.slo = s.id
order by m.coverage nulls first, s.id
