select
    m.as_of,
    m.built_at,
    m.until,
    (select count(*) from problem where level = 'error') as errors,
    (select count(*) from problem where level = 'warning') as warnings
from meta m
