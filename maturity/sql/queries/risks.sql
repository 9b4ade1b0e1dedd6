-- Every risk on every product, best rank first; unranked after them, ended ones last.
select
    s.*,
    w.event_of_left,
    w.left_minutes,
    w.state as slo_state,
    r.kind,
    r.title_en,
    r.title_ja,
    r.status,
    r.category,
    r.owner,
    r.next_action_due,
    r.irreversible,
    r.ranks_current_impact,
    r.ranks_potential_impact,
    r.ranks_likelihood,
    r.ranks_likelihood_trend,
    r.cre_basis,
    r.src_file,
    r.src_line
from risk_score s
join risk r on r.id = s.risk
left join risk_window w using (risk, product)
where ($product is null or s.product = $product)
order by not s.is_open, s.order_share is null, s.place
