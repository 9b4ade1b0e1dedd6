-- Every figure of the snapshot's month that the next review compares, as CSV.
select
    topic,
    id,
    product,
    name_en,
    name_ja,
    value,
    state,
    by_target,
    by_correction,
    by_data,
    by_record,
    by_map,
    by_signal,
    src_file as file,
    src_line as line
from figure
where month = (select strftime(as_of, '%Y-%m') from meta)
order by topic, id, product
