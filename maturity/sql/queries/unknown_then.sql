-- Tables that did not exist yet when a review was frozen (maturity/frozen.py); none in a snapshot of today.
select table_name
from duckdb_tables()
where comment = 'not known yet when this review was frozen'
order by table_name
