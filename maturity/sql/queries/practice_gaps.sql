select
    practice,
    bad_minutes_per_year,
    budget_share
from practice_gap
where product = $product
