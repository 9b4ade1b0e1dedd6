select
    s.*,
    p.review_days,
    p.src_file as map_file,
    p.src_line as map_line,
    g.name_en as signal_name_en,
    g.name_ja as signal_name_ja
from practice_state s
join practice p on p.id = s.practice
left join signal g on g.id = s.signal
where s.month = $month
    and s.product = $product
    and s.practice = $practice
