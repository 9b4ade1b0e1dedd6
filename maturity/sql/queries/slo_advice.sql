-- Over-provided reliability: SLOs by how little of their budget the upper bound uses.
select
    a.*,
    s.name_en,
    s.name_ja,
    s.basis_en,
    s.basis_ja,
    s.journey_en,
    s.journey_ja,
    s.target,
    s.method,
    s.src_file,
    s.src_line,
    p.name_en as product_name_en,
    p.name_ja as product_name_ja
from slo_advice a
join slo s on s.id = a.slo
join product p on p.id = s.product
where $product is null
    or s.product = $product
order by a.freed_per_month desc nulls last, a.budget_used nulls last, a.slo
