select
    s.month,
    s.products,
    s.adopted - coalesce(t.stale, 0) as adopted,
    coalesce(t.stale, 0) as stale,
    s.partial,
    s.lapsed,
    s.contradicted,
    s.not_adopted,
    s.unassessed,
    s.exempt
from practice_spread s
left join (
    select
        month,
        count(*) as stale
    from practice_state
    where practice = $practice and state = 'stale'
    group by month
) t using (month)
where s.practice = $practice
    and s.month <= $month
order by s.month
