-- Overspent budgets, open risks and missing practices in one list and one unit, the most bad minutes a year first.
select *
from one_list
where ($product is null or product = $product)
order by position
