-- Records by place: open ones first, the largest first.
select
    r.id,
    r.title_en,
    r.title_ja
from risk r
join (select risk, bool_or(is_open) as is_open, min(place) as place from risk_score group by risk) s on s.risk = r.id
order by not s.is_open, s.place
