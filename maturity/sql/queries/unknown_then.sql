-- Tables that did not exist yet when a review was frozen, by the comment that thawing leaves on them (maturity/frozen.py);
-- none in a snapshot of today.
select table_name
from duckdb_tables()
where comment = $comment
order by table_name
