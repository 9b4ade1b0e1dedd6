-- Other records that a record names, that name it, and those that were merged: one row each and way they belong.
select distinct
    o.id,
    o.title_en,
    o.title_ja,
    o.status,
    case
        when r.duplicate_of = o.id then 'merged_into'
        when o.duplicate_of = r.id then 'merged_here'
        else 'named'
    end as how
from risk r
join risk o on o.id <> r.id and (
    r.duplicate_of = o.id
    or o.duplicate_of = r.id
    or list_contains(r.links_related, o.id)
    or list_contains(o.links_related, r.id)
)
where r.id = $risk
order by how, o.id
