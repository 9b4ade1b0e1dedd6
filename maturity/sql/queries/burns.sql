select
    slo,
    minutes,
    burn_rate,
    bad_units,
    units,
    begins,
    ends
from slo_burn
where minutes in (select long_minutes from burn_alert)
