-- Every item of the agenda, in its order.
select *
from agenda
order by position, rank
