-- Action items of postmortems that are not done, the latest first.
select
    a.*,
    i.title_en,
    i.title_ja,
    i.products,
    i.postmortem,
    i.src_file,
    i.src_line
from incident_action a
join incident i on i.id = a.incident
where a.state = 'open'
    and ($product is null or list_contains(i.products, $product))
order by a.overdue_days desc, a.age_days desc, a.incident, a.position
