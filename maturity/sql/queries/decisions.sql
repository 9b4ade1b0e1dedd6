-- One list in one unit: share of a year's error budget. seen: spent at the rate of the window now;
-- expected: a risk's expected minutes; at_most: what a missing practice adds at most.
with rate as (
    select
        'budget' as kind,
        'seen' as certainty,
        m.slo as id,
        m.product,
        s.name_en as name_en,
        s.name_ja as name_ja,
        m.state,
        m.consumed as share,
        m.consumed * m.budget_minutes * y.value * 1440 / m.window_minutes as minutes,
        s.src_file,
        s.src_line
    from slo_month m
    join slo s on s.id = m.slo
    cross join (select value from policy where name = 'days_per_year') y
    where m.month = $month
        and m.in_trouble
),
risks as (
    select
        'risk' as kind,
        'expected' as certainty,
        s.risk as id,
        s.product,
        r.title_en as name_en,
        r.title_ja as name_ja,
        r.status as state,
        s.budget_share as share,
        s.bad_minutes_per_year as minutes,
        r.src_file,
        r.src_line
    from risk_score s
    join risk r on r.id = s.risk
    where s.position > 0
),
gaps as (
    select
        'practice' as kind,
        'at_most' as certainty,
        g.practice as id,
        g.product,
        p.name_en,
        p.name_ja,
        g.state,
        g.budget_share as share,
        g.bad_minutes_per_year as minutes,
        p.src_file,
        p.src_line
    from practice_gap g
    join practice p on p.id = g.practice
    where g.budget_share > 0
)
select *
from (from rate union all by name from risks union all by name from gaps)
where ($product is null or product = $product)
order by share desc, kind, id, product
limit $most
