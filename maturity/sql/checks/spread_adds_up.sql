-- The counts of a practice add up to the number of products that are asked for it.
select month, practice
from practice_spread
where adopted + partial + lapsed + contradicted + not_adopted + unassessed + exempt <> products
