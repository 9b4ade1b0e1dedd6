-- The review that changes are told against.
select r.month, r.as_of, r.src_file, r.src_line
from review r
cross join meta m
where r.month < strftime(m.as_of, '%Y-%m')
order by r.month desc
limit 1
