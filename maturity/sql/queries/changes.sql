-- What changed since the last review: restated first, then by topic, the largest change first. product_name_*: of a product
-- that was taken out, the name that its level had. is_there: whether a page still tells of it. An incident, and a decision
-- about a risk, stand with the first of their products, and are here for each of them.
with also as (
    select
        'incident' as topic,
        id,
        unnest(products) as product
    from incident
    union all
    select
        'decision' as topic,
        d.id,
        unnest(r.products) as product
    from decision d
    join risk r on r.id = d.risk
    where d.product is null
)

select
    c.*,
    coalesce(p.name_en, g.name_en) as product_name_en,
    coalesce(p.name_ja, g.name_ja) as product_name_ja,
    case c.topic
        when 'budget' then c.id in (select id from slo)
        when 'risk' then c.id in (select id from risk)
        when 'gap' then c.id in (select id from practice)
    end as is_there
from change c
left join product p on p.id = c.product
left join (
    select
        product,
        any_value(name_en) as name_en,
        any_value(name_ja) as name_ja
    from change
    where topic = 'level'
    group by product
) g on g.product = c.product
where $product is null
    or c.product = $product
    or (c.topic, c.id, $product) in (from also)
order by
    c.kind <> 'restated',
    list_position(['budget', 'level', 'practice', 'risk', 'gap', 'incident', 'decision', 'policy'], c.topic),
    c.kind,
    abs(coalesce(c.value_now, 0) - coalesce(c.value_before, 0)) desc,
    c.id,
    c.product
