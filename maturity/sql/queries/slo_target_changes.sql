select
    target,
    valid_from as day
from slo_target
where slo = $slo
order by valid_from nulls first
