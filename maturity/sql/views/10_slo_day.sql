-- One row per SLO and local day that has at least one bucket; columns as in bucket_day.
-- A day is the sum of what its files hold (sli_part), or counted bucket by bucket where that sum would be wrong:
-- the days of `row_day` (given twice, corrected, clocks changed). Source: docs/budgets.md.
with summed as (
    select
        slo,
        day,
        sum(good) as good,
        sum(total) as total,
        sum(buckets)::bigint as buckets,
        sum(slices)::bigint as slices,
        sum(bad_slices)::bigint as bad_slices,
        sum(ratio_sum) as ratio_sum,
        sum(good) as measured_good,
        sum(total) as measured_total,
        sum(slices)::bigint as measured_slices,
        sum(bad_slices)::bigint as measured_bad_slices,
        sum(ratio_sum) as measured_ratio_sum,
        case when sum(slices) is not null then 0 end as corrected_slices
    from sli_part
    anti join row_day using (slo, day)
    where day between getvariable('first_day') and getvariable('last_day')
    group by slo, day
),
days as (
    select * from summed
    union all by name
    select *
    from bucket_day
    semi join row_day using (slo, day)
    where day between getvariable('first_day') and getvariable('last_day')
)
select
    slo,
    day,
    good,
    total,
    total - good as bad,
    buckets,
    slices,
    bad_slices,
    ratio_sum,
    measured_good,
    measured_total,
    measured_slices,
    measured_bad_slices,
    measured_ratio_sum,
    corrected_slices
from days
order by slo, day
