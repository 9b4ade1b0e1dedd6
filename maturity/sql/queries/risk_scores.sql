select
    s.*,
    o.src_file as slo_file,
    o.src_line as slo_line
from risk_score s
left join slo o on o.id = s.slo
where s.risk = $risk
order by s.position = 0, s.position
