-- product_level.csv
select
    month,
    product,
    level,
    level_with_na_as_gaps,
    target_level,
    target_gap,
    percent,
    coverage,
    confirmed_share,
    na_share,
    narrow_scope,
    next_level,
    next_share,
    missing_musts,
    last_assessed_on,
    quiet
from product_level
where $month is null or month = $month
order by month, product
