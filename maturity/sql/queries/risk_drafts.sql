-- Records that the rules propose.
select *
from risk_draft
where ($product is null or product = $product)
order by rule, id
