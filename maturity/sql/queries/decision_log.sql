-- What was decided, the newest first: about one SLO, one risk, everything of a product, or all.
select
    d.id,
    d.decided_on,
    d.decision,
    case when d.slo is not null then 'slo' when d.risk is not null then 'risk' else 'practice' end as kind,
    coalesce(d.slo, d.risk, d.practice) as about,
    coalesce(d.product, s.product, r.products[1]) as product,
    coalesce(s.name_en, r.title_en, p.name_en) as name_en,
    coalesce(s.name_ja, r.title_ja, p.name_ja) as name_ja,
    d.reason_en,
    d.reason_ja,
    d.decided_by,
    d.owner,
    coalesce(d.due, d.until) as due,
    d.state,
    d.closed_on,
    d.result_en,
    d.result_ja,
    d.src_file,
    d.src_line
from decision d
left join slo s on s.id = d.slo
left join risk r on r.id = d.risk
left join practice p on p.id = d.practice
where ($slo is null or d.slo = $slo)
    and ($risk is null or d.risk = $risk)
    and ($product is null or coalesce(d.product, s.product) = $product or list_contains(r.products, $product))
order by d.decided_on desc, d.id desc
