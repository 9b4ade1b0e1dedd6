-- Corrections of one SLO, or of the members of a composite: what each is, its occurrences up to a day, and the
-- budget left on the day it first held.
select distinct
    c.id,
    c.category,
    c.effect,
    c.author,
    c.recorded_on,
    c.reason_en,
    c.reason_ja,
    c.src_file,
    c.src_line,
    x.starts_at::date as day,
    x.starts_at,
    x.ends_at,
    s.budget_left
from correction_span x
join correction c on c.id = x.correction
left join slo_status s on s.slo = $slo and s.day = x.starts_at::date
where (x.slo = $slo or x.slo in (select member from slo_member where slo = $slo))
    and x.starts_at::date <= $until
order by x.starts_at desc, c.id
