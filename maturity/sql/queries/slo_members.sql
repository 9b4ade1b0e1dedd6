-- Members of a composite, those that spent most of it first.
select
    m.member as slo,
    s.name_en,
    s.name_ja,
    m.weight,
    m.units,
    m.bad_units,
    m.sli,
    m.part,
    m.coverage,
    o.target,
    o.state
from slo_member_month m
join slo s on s.id = m.member
join slo_month o on o.slo = m.member and o.month = m.month
where m.slo = $slo
    and m.month = $month
order by m.part desc nulls last, m.sli nulls last, m.member
