-- Falls of a month, or of all months up to it; worst first. recovered_on: by the end of that month; what was won back
-- later was still lost then.
select
    r.* replace (case when r.recovered_on <= m.as_of then r.recovered_on end as recovered_on),
    c.name_en as practice_name_en,
    c.name_ja as practice_name_ja,
    c.level as practice_level,
    g.name_en as signal_name_en,
    g.name_ja as signal_name_ja
from regression r
join month m on m.month = $month
join practice c on c.id = r.practice
left join signal g on g.id = r.signal
where r.month <= $month
    and ($only = false or r.month = $month)
    and ($product is null or r.product = $product)
order by r.position
