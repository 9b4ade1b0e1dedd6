-- One row per SLO and whole window that lies behind the snapshot, without overlap; place 1 is the newest.
-- Rolling windows are laid end to end back from the snapshot's day, calendar windows are the periods that have ended.
with whole as (
    select
        s.*,
        row_number() over (partition by s.slo order by s.day desc) as place
    from slo_status s
    cross join meta m
    where s.day <= m.as_of
        and case s.window_kind
            when 'rolling' then (m.as_of - s.day) % (s.window_end - s.window_start + 1) = 0
            else s.day = s.window_end
        end
)
select
    slo,
    place,
    window_start,
    window_end,
    units,
    bad_units,
    proving_units,
    allowed_units,
    consumed,
    coverage,
    budget_minutes,
    state
from whole
