-- The practices that a product lacks: which of them it can begin (prerequisites adopted), what they unblock, what they
-- save, and who does them already. What blocks the next level comes first, then the minutes saved for each week of effort.
with mine as (
    select *
    from practice_state
    where month = $month
        and product = $product
),
needed as (
    select
        n.practice,
        list(n.prerequisite order by n.prerequisite) filter (where not coalesce(m.adopted, false)) as waits_for
    from (select id as practice, unnest(prerequisites) as prerequisite from practice) n
    left join mine m on m.practice = n.prerequisite
    group by n.practice
),
doing as (
    select
        s.practice,
        list(s.product order by s.confirmed desc, s.confirmed_on desc nulls last, s.product) as who,
        list(s.assessor order by s.confirmed desc, s.confirmed_on desc nulls last, s.product) as assessors
    from practice_state s
    where s.month = $month
        and s.product <> $product
        and s.adopted
        and s.provider is null
    group by s.practice
)
select
    p.id as practice,
    p.name_en,
    p.name_ja,
    p.why_en,
    p.why_ja,
    p.level,
    p.must,
    p.effort,
    m.state,
    m.items_done,
    m.items_total,
    n.waits_for,
    l.next_level is not null and p.level <= l.next_level as blocks,
    g.bad_minutes_per_year,
    g.budget_share,
    d.who,
    d.assessors,
    m.src_file,
    m.src_line,
    p.src_file as map_file,
    p.src_line as map_line
from mine m
join practice p on p.id = m.practice
join product_level l on l.month = m.month and l.product = m.product
left join needed n on n.practice = p.id
left join doing d on d.practice = p.id
left join practice_gap g on g.product = m.product and g.practice = p.id
where m.applies
    and not m.adopted
order by
    len(coalesce(n.waits_for, [])) = 0 desc,
    (l.next_level is not null and p.level <= l.next_level) desc,
    p.must desc,
    coalesce(g.bad_minutes_per_year, 0)
        / (select value from policy where name = 'effort_weeks_' || coalesce(p.effort, 'M')) desc,
    p.level,
    p.id
