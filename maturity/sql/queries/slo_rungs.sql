-- The ladder of use: every SLO with its rungs, lowest first.
select
    r.slo,
    s.name_en,
    s.name_ja,
    s.product,
    p.name_en as product_name_en,
    p.name_ja as product_name_ja,
    r.position,
    r.rung,
    r.met,
    r.reached,
    r.on_date,
    r.missing,
    r.value,
    r.src_file,
    r.src_line,
    count_if(r.reached) over (partition by r.slo) as height
from slo_rung r
join slo s on s.id = r.slo
join product p on p.id = s.product
where $product is null
    or s.product = $product
order by height, p.tier, r.slo, r.position
