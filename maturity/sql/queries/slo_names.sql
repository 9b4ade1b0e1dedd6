select
    id,
    name_en,
    name_ja,
    product
from slo
order by id
