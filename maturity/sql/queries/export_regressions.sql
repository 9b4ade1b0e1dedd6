-- regressions.csv
select
    month,
    product,
    practice,
    from_state,
    to_state,
    cause,
    regression,
    fell_on,
    recovered_on,
    mature,
    gate_broken,
    level_before,
    level_after,
    provider,
    before_file,
    before_line,
    after_file,
    after_line
from regression
where $month is null or month = $month
order by month, position
