-- What changed since the last review: restated first, then by topic, the largest change first.
select *
from change
where ($product is null or product = $product)
order by
    kind <> 'restated',
    list_position(['budget', 'level', 'practice', 'risk', 'gap', 'incident', 'decision', 'policy'], topic),
    kind,
    abs(coalesce(value_now, 0) - coalesce(value_before, 0)) desc,
    id,
    product
