select
    name,
    value,
    src_file,
    src_line
from policy
order by name
