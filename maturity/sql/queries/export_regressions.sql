-- regressions.csv; recovered_on of one month: by its end, as `falls` says it.
select
    r.month,
    product,
    practice,
    from_state,
    to_state,
    cause,
    regression,
    fell_on,
    case when $month is null or r.recovered_on <= m.as_of then r.recovered_on end as recovered_on,
    mature,
    gate_broken,
    level_before,
    level_after,
    provider,
    before_file,
    before_line,
    after_file,
    after_line
from regression r
join month m on m.month = r.month
where $month is null
    or r.month = $month
order by r.month, r.position
