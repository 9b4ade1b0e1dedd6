select
    level,
    file,
    line,
    field,
    found,
    expected
from problem
order by level, file, line, field
