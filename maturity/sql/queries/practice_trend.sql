-- Adoption of each practice now, half a year and a year ago; what moved most comes first.
with compared as (
    select
        n.practice,
        n.products,
        n.adopted,
        coalesce(h.adopted, 0) as adopted_half_year_ago,
        coalesce(y.adopted, 0) as adopted_year_ago
    from practice_spread n
    left join practice_spread h
        on h.practice = n.practice
        and h.month = strftime(strptime($month || '-01', '%Y-%m-%d') - interval 6 month, '%Y-%m')
    left join practice_spread y
        on y.practice = n.practice
        and y.month = strftime(strptime($month || '-01', '%Y-%m-%d') - interval 12 month, '%Y-%m')
    where n.month = $month
)
select
    t.*,
    p.name_en,
    p.name_ja,
    p.level,
    case
        when t.adopted < t.adopted_half_year_ago or t.adopted < t.adopted_year_ago then 'falling'
        when t.adopted > t.adopted_half_year_ago then 'spreading'
        when t.adopted = t.products then 'everywhere'
        when t.adopted > 0 and t.adopted = t.adopted_year_ago then 'stalled'
        when t.adopted > t.adopted_year_ago then 'slowing'
        else 'not_begun'
    end as trend
from compared t
join practice p on p.id = t.practice
order by abs(t.adopted - t.adopted_year_ago) desc, t.adopted desc, p.level, t.practice
