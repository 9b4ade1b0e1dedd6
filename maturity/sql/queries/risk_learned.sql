-- How often risks were said to happen and did happen, the largest change of minutes first.
select
    l.*,
    r.title_en,
    r.title_ja,
    r.cre_basis,
    r.src_file,
    r.src_line
from risk_learned l
join risk r on r.id = l.risk
where ($product is null or l.product = $product)
    and ($risk is null or l.risk = $risk)
order by abs(l.learned_min_per_year - l.estimated_min_per_year) desc, l.risk, l.product
