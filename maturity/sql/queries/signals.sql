-- The signals that a practice names.
select
    g.id,
    g.name_en,
    g.name_ja,
    g.meaning_en,
    g.meaning_ja,
    g.seen_in
from signal g
join (select unnest(signals) as id from practice where id = $practice) p using (id)
order by g.src_line
