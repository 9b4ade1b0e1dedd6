-- One row per month and practice: how many products are in which state. The counts add up to the products that are
-- asked for it; a product of another tier is not.
select
    month,
    practice,
    count(*) filter (where state <> 'not_asked') as products,
    count(*) filter (where adopted) as adopted,
    count(*) filter (where confirmed) as confirmed,
    count(*) filter (where state = 'partial') as partial,
    count(*) filter (where state = 'lapsed') as lapsed,
    count(*) filter (where state = 'contradicted') as contradicted,
    count(*) filter (where state = 'not_adopted') as not_adopted,
    count(*) filter (where state = 'unassessed') as unassessed,
    count(*) filter (where state = 'exempt') as exempt
from practice_state
group by month, practice
