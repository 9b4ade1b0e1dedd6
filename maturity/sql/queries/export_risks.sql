-- risks.csv: every field of every record, to be read in again
select * exclude (src_file, src_line)
from risk
order by id
