-- One record on each of its products, with the SLO that pays.
select
    s.*,
    w.event_of_left,
    w.left_minutes,
    w.consumed,
    o.src_file as slo_file,
    o.src_line as slo_line
from risk_score s
left join risk_window w using (risk, product)
left join slo o on o.id = s.slo
where s.risk = $risk
order by s.place
