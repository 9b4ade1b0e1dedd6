select
    file,
    topic,
    rows,
    accepted,
    rows - accepted as rejected,
    changed_at
from source_file
order by rejected desc, file
