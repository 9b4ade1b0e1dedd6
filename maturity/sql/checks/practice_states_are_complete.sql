-- Every month has one state for each product and practice.
select month, count(*)
from practice_state
group by month
having count(*) <> (select count(*) from product) * (select count(*) from practice)
