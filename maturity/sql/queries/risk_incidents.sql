-- Incidents linked with a record, the newest first, with what they cost.
select
    i.id,
    i.title_en,
    i.title_ja,
    i.started_at,
    c.product,
    c.bad_minutes,
    c.basis,
    c.window_share,
    c.known,
    i.src_file,
    i.src_line
from incident_cost c
join incident i on i.id = c.incident
where list_contains(c.risks, $risk)
order by i.started_at desc, i.id, c.product
