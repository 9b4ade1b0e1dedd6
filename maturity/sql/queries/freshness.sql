select
    topic,
    count(*) as files,
    sum(accepted) as accepted,
    sum(rows - accepted) as rejected,
    max(changed_at) as newest
from source_file
group by topic
order by topic
