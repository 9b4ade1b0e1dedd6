-- One row per product: what it can be filtered, grouped and sorted by, and the state of every practice in the order of
-- the guide map (see practices.sql). `adopted` and `applies` say which of the states count, and in which denominators.
with
place as (
    select
        p.id as practice,
        row_number() over (order by c.src_line, p.level, p.src_line) as position
    from practice p
    join category c on c.id = p.category
)
select
    d.id as product,
    d.name_en,
    d.name_ja,
    d.team,
    d.tier,
    d.tags,
    l.level,
    list(s.practice order by o.position) as practices,
    list(s.state order by o.position) as states,
    list(s.adopted order by o.position) as adopted,
    list(s.applies order by o.position) as applies
from practice_state s
join place o on o.practice = s.practice
join product d on d.id = s.product
join product_level l on l.product = s.product and l.month = s.month
where s.month = $month
    and ($product is null or s.product = $product)
group by all
order by d.tier, d.name_en
