-- What the first few of the one list would buy, of one product or of all, by the order of the list.
select
    list_order,
    deeds,
    saved_minutes,
    effort_days,
    without_effort
from first_step
where product is not distinct from $product
order by list_order
