-- The counts of a practice add up to the number of products.
select month, practice
from practice_spread
where adopted + partial + lapsed + not_adopted + unassessed + exempt <> products
