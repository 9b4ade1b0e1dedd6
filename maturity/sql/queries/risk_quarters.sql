-- Expected and seen bad minutes by quarter, of one product or of all.
select
    quarter,
    sum(expected_min) as expected_min,
    sum(seen_min) as seen_min,
    sum(incidents)::int as incidents,
    sum(without_minutes)::int as without_minutes,
    sum(known)::int as known
from risk_quarter
where ($product is null or product = $product)
group by quarter
order by quarter
