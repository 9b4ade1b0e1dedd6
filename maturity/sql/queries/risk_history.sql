-- The numbers that a record had, the newest last.
select *
from risk_history
where risk = $risk
order by product, position
