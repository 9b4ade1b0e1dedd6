-- One row per overspent budget, open risk and missing practice of a product: all in bad minutes a year.
-- seen: spent beyond the budget, at the rate of the window now; expected: a risk's expected minutes; at_most: what a missing
-- practice adds at most, so its interval begins at none. how: the formula with its numbers. rank_best and rank_worst are the
-- places that the intervals allow.
with today as (
    select strftime(as_of, '%Y-%m') as month
    from meta
),
listed as (
    select
        'budget' as kind,
        'seen' as certainty,
        m.slo as id,
        m.product,
        s.name_en,
        s.name_ja,
        m.state,
        m.consumed - 1 as share,
        (m.consumed - 1) * m.budget_minutes * y.value * 1440 / m.window_minutes as minutes,
        printf('(%.6g - 1) x %.6g x %g x 1440 / %.6g', m.consumed, m.budget_minutes, y.value, m.window_minutes) as how,
        null::double as low,
        null::double as high,
        null::double as saved_minutes,
        null::double as effort_days,
        s.owner,
        s.src_file,
        s.src_line
    from slo_month m
    join today using (month)
    join slo s on s.id = m.slo
    cross join (select value from policy where name = 'days_per_year') y
    where m.consumed > 1 and m.state <> 'too_little_traffic'
        -- The failures of a composite are those of its members: where one of them is listed, they are counted there.
        and m.slo not in (
            select c.slo
            from slo_member c
            join slo_month o on o.slo = c.member
            join today using (month)
            where o.consumed > 1 and o.state <> 'too_little_traffic'
        )
    union all by name
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
        case
            when r.kind = 'event' then printf(
                '(%g + %g) x %g x %g / %g', r.cre_ettd_min, r.cre_ettr_min, r.cre_users_affected, y.value, r.cre_ettf_days
            )
            else printf(
                '(1 + %g) x (%g + %g) x %.6g + %g x %.6g', r.risk_factor_frequency_plus, r.risk_factor_ettd_plus_min,
                r.risk_factor_ettr_plus_min, e.reach, r.risk_factor_frequency_plus, e.minutes
            )
        end as how,
        s.share_low * s.budget_min_per_year as low,
        s.share_high * s.budget_min_per_year as high,
        s.saved_min_per_year as saved_minutes,
        r.effort_days,
        r.owner,
        r.src_file,
        r.src_line
    from risk_score s
    join risk r on r.id = s.risk
    left join event_reach e on e.product = s.product
    cross join (select value from policy where name = 'days_per_year') y
    where s.is_open and s.bad_minutes_per_year is not null
    union all by name
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
        printf(
            '(1 + %g) x (%g + %g) x %.6g + %g x %.6g', p.risk_factor_frequency_pct / 100, p.risk_factor_detect_min,
            p.risk_factor_repair_min, e.reach, p.risk_factor_frequency_pct / 100, e.minutes
        ) as how,
        0 as low,
        g.bad_minutes_per_year as high,
        g.bad_minutes_per_year as saved_minutes,
        g.effort_days,
        null as owner,
        p.src_file,
        p.src_line
    from practice_gap g
    join practice p on p.id = g.practice
    left join event_reach e on e.product = g.product
    where g.bad_minutes_per_year > 0
),
ends as (
    select
        * exclude (low, high),
        coalesce(low, minutes) as low,
        coalesce(high, minutes) as high,
        row_number() over (order by minutes desc, kind, id, product) as position
    from listed
),
lows as (select low, row_number() over (order by low) as up_to from ends),
highs as (select high, row_number() over (order by high desc) as down_to from ends)
select
    e.*,
    e.saved_minutes / nullif(e.effort_days, 0) as saved_per_day,
    (select count(*) from ends) - l.up_to + 1 as rank_best,
    h.down_to as rank_worst
from ends e
asof join (select low, max(up_to) as up_to from lows group by low) l on e.high >= l.low
asof join (select high, max(down_to) as down_to from highs group by high) h on e.low <= h.high
order by e.position
