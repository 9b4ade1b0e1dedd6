-- incidents.csv: every field of every record, to be read in again
select * exclude (src_file, src_line)
from incident
order by id
