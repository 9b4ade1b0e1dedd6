select
    s.*,
    p.review_days,
    p.src_file as map_file,
    p.src_line as map_line
from practice_state s
join practice p on p.id = s.practice
where s.month = $month
    and s.product = $product
    and s.practice = $practice
