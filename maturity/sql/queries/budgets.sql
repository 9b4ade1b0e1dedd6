-- Every SLO in a month, worst first: by the policy's own order of states, then by what is consumed.
select
    m.*,
    s.name_en,
    s.name_ja,
    s.combine,
    s.basis_en,
    s.basis_ja,
    s.window_count,
    s.window_unit,
    s.src_file,
    s.src_line,
    p.tier,
    p.name_en as product_name_en,
    p.name_ja as product_name_ja,
    a.action_en,
    a.action_ja
from slo_month m
join slo s on s.id = m.slo
join product p on p.id = m.product
left join policy_action a on a.state = m.state
where m.month = $month
    and ($product is null or m.product = $product)
order by a.position, m.consumed desc nulls last, m.slo
