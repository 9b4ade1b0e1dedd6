-- One row per figure that reviews compare, of this month, and of the month of the last review as it looks today.
-- Figures of the snapshot's day (`of_month` is false) stand under this month only. by_*: what a figure is made of, which
-- tells why it would be another today.
with asked as (
    select strftime(as_of, '%Y-%m') as month
    from meta
    union
    select max(r.month) as month
    from review r
    cross join meta m
    where r.month < strftime(m.as_of, '%Y-%m')
),
today as (
    select strftime(as_of, '%Y-%m') as month
    from meta
)
select
    m.month,
    'budget' as topic,
    m.slo as id,
    m.product,
    s.name_en,
    s.name_ja,
    m.consumed as value,
    m.state,
    true as of_month,
    m.target::varchar as by_target,
    concat_ws('/', printf('%.9g', m.measured_units - m.units), printf('%.9g', m.measured_bad_units - m.bad_units))
        as by_correction,
    concat_ws('/', printf('%.9g', m.measured_units), printf('%.9g', m.measured_bad_units)) as by_data,
    null::varchar as by_record,
    null::varchar as by_map,
    null::varchar as by_signal,
    s.src_file,
    s.src_line
from slo_month m
join asked using (month)
join slo s on s.id = m.slo
union all by name
select
    s.month,
    'practice' as topic,
    s.practice as id,
    s.product,
    p.name_en,
    p.name_ja,
    s.share as value,
    s.state,
    true as of_month,
    concat_ws('/', s.src_file, s.assessed_on, s.confirmed_on, s.exemption) as by_record,
    concat_ws('/', s.items_total, s.grace) as by_map,
    concat_ws('/', s.signal, s.signal_verdict, s.signal_on) as by_signal,
    coalesce(s.src_file, p.src_file) as src_file,
    coalesce(s.src_line, p.src_line) as src_line
from practice_state s
join asked using (month)
join practice p on p.id = s.practice
where s.state <> 'not_asked'
union all by name
select
    l.month,
    'level' as topic,
    l.product as id,
    l.product,
    p.name_en,
    p.name_ja,
    l.level as value,
    null as state,
    true as of_month,
    concat_ws('/', l.last_assessed_on, printf('%.9g', l.coverage), printf('%.9g', l.na_share)) as by_record,
    concat_ws('/', s.items, s.grace) as by_map,
    s.contradicted::varchar as by_signal,
    p.src_file,
    p.src_line
from product_level l
join asked using (month)
join product p on p.id = l.product
left join (
    select
        month,
        product,
        sum(items_total) as items,
        count(grace) as grace,
        count(*) filter (where state = 'contradicted') as contradicted
    from practice_state
    group by month, product
) s on s.month = l.month and s.product = l.product
union all by name
select
    t.month,
    'risk' as topic,
    s.risk as id,
    s.product,
    r.title_en as name_en,
    r.title_ja as name_ja,
    s.bad_minutes_per_year as value,
    r.status as state,
    false as of_month,
    concat_ws(
        '/', r.cre_ettd_min, r.cre_ettr_min, r.cre_users_affected, r.cre_ettf_days, r.risk_factor_ettd_plus_min,
        r.risk_factor_ettr_plus_min, r.risk_factor_frequency_plus
    ) as by_record,
    case when r.kind = 'factor' then concat_ws('/', printf('%.9g', e.minutes), printf('%.9g', e.reach)) end as by_data,
    r.src_file,
    r.src_line
from risk_score s
cross join today t
join risk r on r.id = s.risk
left join event_reach e on e.product = s.product
where s.is_open
union all by name
select
    t.month,
    'gap' as topic,
    g.practice as id,
    g.product,
    p.name_en,
    p.name_ja,
    g.bad_minutes_per_year as value,
    null as state,
    false as of_month,
    concat_ws('/', printf('%.9g', e.minutes), printf('%.9g', e.reach)) as by_data,
    concat_ws(
        '/', p.risk_factor_detect_min, p.risk_factor_repair_min, p.risk_factor_frequency_pct
    ) as by_map,
    p.src_file,
    p.src_line
from practice_gap g
cross join today t
join practice p on p.id = g.practice
left join event_reach e on e.product = g.product
union all by name
select
    t.month,
    'incident' as topic,
    i.id,
    i.products[1] as product,
    i.title_en as name_en,
    i.title_ja as name_ja,
    i.bad_minutes as value,
    i.severity::varchar as state,
    false as of_month,
    i.src_file,
    i.src_line
from incident i
cross join today t
union all by name
select
    t.month,
    'decision' as topic,
    d.id,
    coalesce(d.product, s.product, r.products[1]) as product,
    d.reason_en as name_en,
    d.reason_ja as name_ja,
    null::double as value,
    d.state,
    false as of_month,
    d.src_file,
    d.src_line
from decision d
cross join today t
left join slo s on s.id = d.slo
left join risk r on r.id = d.risk
union all by name
select
    t.month,
    'policy' as topic,
    p.name as id,
    null as product,
    p.name as name_en,
    p.name as name_ja,
    p.value,
    null as state,
    false as of_month,
    p.src_file,
    p.src_line
from policy p
cross join today t
order by month, topic, id, product
