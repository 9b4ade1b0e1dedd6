-- product_level.csv
select
    month,
    product,
    level,
    percent,
    coverage,
    confirmed_share,
    na_share,
    level_with_na_as_gaps,
    narrow_scope,
    target_level,
    target_gap,
    next_level,
    next_share,
    missing_musts,
    last_assessed_on,
    quiet
from product_level
where $month is null or month = $month
order by month, product
