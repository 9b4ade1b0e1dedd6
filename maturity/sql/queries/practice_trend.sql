-- How each practice moved: now against `trend_months` ago, and the months from its first product to `spread_share` of
-- them. What falls comes first, then what moved most.
with rule as (
    select
        max(value) filter (where name = 'trend_months')::int as months,
        max(value) filter (where name = 'spread_share') as share
    from policy
),
curve as (
    select
        s.practice,
        list(s.adopted order by s.month) as counts,
        min(s.month) filter (where s.adopted > 0) as first_month,
        min(s.month) filter (where s.products > 0 and s.adopted >= r.share * s.products - 1e-9) as spread_month
    from practice_spread s
    cross join rule r
    where s.month <= $month
    group by s.practice
),
compared as (
    select
        n.practice,
        n.products,
        n.adopted,
        coalesce(b.adopted, 0) as adopted_before,
        strftime(strptime($month || '-01', '%Y-%m-%d') - to_months(r.months), '%Y-%m') as before_month
    from practice_spread n
    cross join rule r
    left join practice_spread b
        on b.practice = n.practice
        and b.month = strftime(strptime($month || '-01', '%Y-%m-%d') - to_months(r.months), '%Y-%m')
    where n.month = $month
)
select
    t.practice,
    t.products,
    t.adopted,
    t.adopted_before,
    t.before_month,
    c.counts,
    c.first_month,
    c.first_month = (select min(month) from month) as first_is_older,
    c.spread_month,
    date_diff('month', strptime(c.first_month || '-01', '%Y-%m-%d'), strptime(c.spread_month || '-01', '%Y-%m-%d'))
        as months_to_spread,
    p.name_en,
    p.name_ja,
    p.level,
    p.category,
    case
        when t.products = 0 then 'not_asked'
        when t.adopted < t.adopted_before then 'falling'
        when t.adopted > t.adopted_before then 'spreading'
        when t.adopted = t.products then 'everywhere'
        when t.adopted > 0 then 'stalled'
        else 'not_begun'
    end as trend,
    p.src_file,
    p.src_line
from compared t
join curve c using (practice)
join practice p on p.id = t.practice
order by
    list_position(['falling', 'spreading', 'stalled', 'everywhere', 'not_begun', 'not_asked'], trend),
    abs(t.adopted - t.adopted_before) desc,
    t.adopted desc,
    p.level,
    t.practice
