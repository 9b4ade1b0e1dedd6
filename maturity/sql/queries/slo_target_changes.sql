-- Targets of one SLO that held up to a day; `day` is the first of each, empty where it held from the beginning.
select
    target,
    valid_from as day
from slo_target
where slo = $slo
    and (valid_from is null or valid_from <= $until)
order by valid_from nulls first
