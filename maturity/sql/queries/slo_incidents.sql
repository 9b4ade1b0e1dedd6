-- Incidents that named an SLO, or a member of a composite.
select
    i.id,
    i.title_en,
    i.title_ja,
    i.severity,
    i.started_at::date as day,
    coalesce(s.budget_left, 0) as budget_left
from incident i
join slo_status s on s.slo = $slo and s.day = i.started_at::date
where (list_contains(i.slos, $slo) or list_has_any(i.slos, (select list(member) from slo_member where slo = $slo)))
    and s.day <= $until
order by i.started_at
